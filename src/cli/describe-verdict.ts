import type { Explanation, RefusalExplanation, TransactionExplanation } from '#atomic-core';

type Verdict = Explanation | TransactionExplanation;
type Accepted = Extract<Explanation, { accepted: true }>;

const LABEL_CHARACTERS = 14;

/** A verdict as people read it: one fact a line. */
export function describeVerdict(verdict: Verdict): string[] {
  if (verdict.accepted) return describeAcceptance(verdict);
  return [...describeRefusal(verdict), ...('transaction' in verdict ? describeTransaction(verdict) : [])];
}

const line = (label: string, text: string): string => `  ${label.padEnd(LABEL_CHARACTERS)}${text}`;
/** A label with its lines; without lines nothing at all. */
const list = (label: string, texts: readonly string[]): string[] =>
  texts.map((text, index) => line(index === 0 ? label : '', text));
const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? '' : 's'}`;

function describeRefusal(verdict: RefusalExplanation): string[] {
  const { stage, code, sentence, detail, rule, txid, input, depth, subject, next } = verdict;
  const under = subject === null || depth === 0 ? '' : ` below the subject ${subject}`;
  return [
    `REFUSED at ${stage}: ${code}`,
    line('why', sentence),
    ...list('detail', detail === sentence ? [] : [detail]),
    ...list('rule', rule === null ? [] : [rule]),
    ...list('transaction', txid === null ? [] : [txid]),
    ...list('input', input === null ? [] : [String(input)]),
    ...list(
      'depth',
      depth === null ? [] : [depth === 0 ? '0: the subject itself' : `${count(depth, 'spend')}${under}`],
    ),
    line('next', next),
  ];
}

function describeTransaction({ transaction, judged, notJudged }: TransactionExplanation): string[] {
  const { format, bytes, version, inputs, outputs, satoshisPaid, satoshisTaken } = transaction;
  const taken = satoshisTaken === null ? '' : `, claims to take ${count(satoshisTaken, 'satoshi')}`;
  return [
    line('format', `${format}, ${count(bytes, 'byte')}, version ${String(version)}`),
    line(
      'pays',
      `${count(satoshisPaid, 'satoshi')} in ${count(outputs, 'output')} from ${count(inputs, 'input')}${taken}`,
    ),
    ...list('judged', judged),
    ...list('not judged', notJudged),
  ];
}

function describeAcceptance({ txid, format, bytes, subject, ancestors, proofs, scripts }: Accepted): string[] {
  const unproven = `${String(ancestors.unproven)} of them unproven, ${String(ancestors.depth)} deep`;
  return [
    `ACCEPTED ${txid}`,
    line('format', `${format}, ${count(bytes, 'byte')}`),
    line(
      'subject',
      `${count(subject.inputs, 'input')}, ${count(subject.outputs, 'output')}${subject.proven ? ', proven' : ''}`,
    ),
    line('ancestors', ancestors.count === 0 ? 'none' : `${String(ancestors.count)}, ${unproven}`),
    ...list(
      'proofs',
      proofs.map(
        ({ height, blockHash, txids }) =>
          `block ${String(height)} ${blockHash} OK (${count(txids.length, 'transaction')})`,
      ),
    ),
    ...list(
      'scripts',
      scripts.map(
        ({ txid: judged, fastPath, interpreter }) =>
          `${judged} ${count(fastPath + interpreter, 'input')}: ${String(fastPath)} by fast paths, ${String(interpreter)} by the interpreter`,
      ),
    ),
  ];
}
