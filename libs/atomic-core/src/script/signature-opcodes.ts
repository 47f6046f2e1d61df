import { packSignature } from '../crypto/verify-signature';
import { usesOriginalDigest } from './hash-types';
import type { OpenSpend } from './open-spend';
import { readSignature } from './read-signature';
import { isKey } from './recognise-lock';
import { ScriptBudgetExceeded } from './script-budget';
import { findAndDelete } from './script-walk';
import type { SignatureCheck } from './signature-check';

/** The node's limits of the number of keys, before Genesis and after. */
const KEYS_MAX_BEFORE_GENESIS = 20;
const KEYS_MAX = 2 ** 31 - 1;
const COMPACT_BYTES = 64;

const TRUE_ITEM = [1];
const FALSE_ITEM: number[] = [];

/**
 * The original digest leaves signatures out of the script that they sign. For the fork's the SDK does so too and the node does not; it cannot be told apart
 * with a signature that holds, since none of those can stand in the script whose txid it signs.
 */
const withoutSignature = (check: SignatureCheck, scriptCode: Uint8Array, signature: readonly number[]): Uint8Array => {
  const hashType = signature.at(-1);
  if (hashType === undefined || !usesOriginalDigest(hashType)) return scriptCode;
  check.chargeBytes(scriptCode.length);
  return findAndDelete(scriptCode, Uint8Array.from(signature));
};

/** 64 bytes; undefined for numbers that no signature has. */
const toCompact = (spend: OpenSpend, signature: number[]): Uint8Array | undefined => {
  try {
    return packSignature(spend.parseChecksigSignature(signature));
  } catch {
    return undefined;
  }
};

const checkKeyEncoding = (spend: OpenSpend, key: Uint8Array): void => {
  // The SDK also asks whether the key is a point, twice, at 140 us each. The node does not: such a key has signed nothing, and that is all.
  if (spend.shouldEnforceStrictEncoding() && !isKey(key, 0, key.length))
    spend.scriptEvaluationError('The public key is in an unknown format.');
};

interface SignatureQuestion {
  readonly signature: number[];
  readonly key: number[];
  readonly scriptCode: Uint8Array;
}

const isSigned = (
  spend: OpenSpend,
  check: SignatureCheck,
  { signature, key, scriptCode }: SignatureQuestion,
): boolean => {
  const keyBytes = Uint8Array.from(key);
  let compact: Uint8Array | undefined = new Uint8Array(COMPACT_BYTES);
  const span = { start: 0, end: signature.length };
  // What `readSignature` takes passes every rule of encoding; the SDK's reader needs 20 us for the same answer.
  const plain = spend.hasFlag('SIGHASH_FORKID') && readSignature(Uint8Array.from(signature), span, compact, 0) !== 0;
  if (!plain) spend.checkSignatureEncoding(signature);
  checkKeyEncoding(spend, keyBytes);
  if (signature.length === 0) return false;
  if (!plain) compact = toCompact(spend, signature);
  const hashType = signature.at(-1) ?? 0;
  return compact !== undefined && check.isSignedBy({ compact, hashType, key: keyBytes, scriptCode });
};

const finish = (spend: OpenSpend, signed: boolean, isVerify: boolean): void => {
  if (!isVerify) spend.pushStack(signed ? TRUE_ITEM.slice() : FALSE_ITEM.slice());
  else if (!signed) spend.scriptEvaluationError('A signature is not valid.');
};

/** OP_CHECKSIG and OP_CHECKSIGVERIFY, as the SDK has them. */
export const runCheckSig = (spend: OpenSpend, check: SignatureCheck, isVerify: boolean): void => {
  if (spend.stack.length < 2) spend.scriptEvaluationError('OP_CHECKSIG needs two items.');
  const key = spend.popStack();
  const signature = spend.popStack();
  const scriptCode = withoutSignature(check, check.readScriptCode(spend), signature);
  const signed = isSigned(spend, check, { signature, key, scriptCode });
  if (!signed && signature.length > 0 && spend.hasFlag('NULLFAIL'))
    spend.scriptEvaluationError('A failing signature is not empty.');
  finish(spend, signed, isVerify);
};

/** A count of OP_CHECKMULTISIG at `depth` below the top. */
const readCount = (spend: OpenSpend, depth: number, most: number): number => {
  if (spend.stack.length < depth) spend.scriptEvaluationError('The stack is too small for OP_CHECKMULTISIG.');
  const item = spend.stackTop(-depth);
  // Nothing that needs so many fits a stack; and a number of a megabyte is not read to find that out.
  if (item.length > 8) throw new ScriptBudgetExceeded('too many signature checks');
  const count = spend.readScriptNumber(item).toNumber();
  if (count < 0 || count > most) spend.scriptEvaluationError('OP_CHECKMULTISIG names an impossible count.');
  return count;
};

/** OP_CHECKMULTISIG and OP_CHECKMULTISIGVERIFY, as the SDK has them: keys and signatures are walked from the top of the stack down. */
export const runCheckMultisig = (spend: OpenSpend, check: SignatureCheck, isVerify: boolean): void => {
  const keyCount = readCount(spend, 1, spend.isAfterGenesis() ? KEYS_MAX : KEYS_MAX_BEFORE_GENESIS);
  const signatureCount = readCount(spend, keyCount + 2, keyCount);
  const consumed = keyCount + signatureCount + 3;
  if (spend.stack.length < consumed) spend.scriptEvaluationError('The stack is too small for OP_CHECKMULTISIG.');
  const signatureAt = (index: number): number[] => spend.stackTop(-(keyCount + 3 + index));
  let scriptCode = check.readScriptCode(spend);
  let anySignature = false;
  for (let index = 0; index < signatureCount; index++) {
    scriptCode = withoutSignature(check, scriptCode, signatureAt(index));
    anySignature ||= signatureAt(index).length > 0;
  }
  let found = 0;
  for (let key = 0; found < signatureCount && signatureCount - found <= keyCount - key; key++) {
    if (isSigned(spend, check, { signature: signatureAt(found), key: spend.stackTop(-(2 + key)), scriptCode })) found++;
  }
  const signed = found === signatureCount;
  if (!signed && anySignature && spend.hasFlag('NULLFAIL'))
    spend.scriptEvaluationError('A failing signature is not empty.');
  for (let item = 1; item < consumed; item++) spend.popStack();
  if (spend.popStack().length > 0 && spend.shouldEnforceNullDummy())
    spend.scriptEvaluationError('The extra item of OP_CHECKMULTISIG is not empty.');
  finish(spend, signed, isVerify);
};
