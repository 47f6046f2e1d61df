import type { LoadedExtension } from './load-extension';
import { writeFormula, type Selectors } from './write-formula';
import type { ThreadCall } from './thread-message';

type Method = (...given: unknown[]) => unknown;
type Loaded = LoadedExtension & { readonly selectors: Selectors };

/** Longer lists than any transaction has inputs or outputs are not copied to the main thread to be refused there. */
const ENTRIES_MAX = 100_000;
const TEXT_CHARS_MAX = 262_144;
const ABOUT_CHARS_MAX = 2_048;

/** One call as the Engine of `@bsv/overlay` makes it, and what of its answer leaves the thread. */
export async function carryOut(loaded: Loaded, call: ThreadCall): Promise<unknown> {
  switch (call.op) {
    case 'judge':
      return copyAdmittance(await invoke(loaded, 'identifyAdmissibleOutputs', listJudged(call)));
    case 'needed':
      return copyNeeded(
        await invoke(loaded, 'identifyNeededInputs', [[...call.beef], listOctets(call.offChainValues)]),
      );
    case 'tell':
      return tell(loaded, call.notice);
    case 'ask': {
      const { service, query } = call.question;
      return writeFormula(await invoke(loaded, 'lookup', [{ service, query }]), loaded.selectors);
    }
    case 'select':
      return loaded.selectors.run(call.selector, [[...call.beef], call.outputIndex, call.depth]);
    case 'documentation':
      return readText(await invoke(loaded, 'getDocumentation', []));
    case 'metadata':
      return copyMetadata(await invoke(loaded, 'getMetaData', []));
  }
}

const listOctets = (octets: Uint8Array | undefined): number[] | undefined => octets && [...octets];

type JudgeCall = Extract<ThreadCall, { op: 'judge' | 'needed' }>;

function listJudged({ beef, coins, offChainValues, mode }: JudgeCall): unknown[] {
  return [[...beef], [...coins], listOctets(offChainValues), mode];
}

/** Called on the object, as methods on prototypes and getters need it; undefined where there is none of this name. */
function invoke({ extension }: LoadedExtension, name: string, given: readonly unknown[]): unknown {
  const method = extension[name];
  return typeof method === 'function' ? (method as Method).apply(extension, [...given]) : undefined;
}

async function tell(loaded: Loaded, notice: Extract<ThreadCall, { op: 'tell' }>['notice']): Promise<undefined> {
  if (notice.kind === 'admitted') await invoke(loaded, 'outputAdmittedByTopic', [writeAdmitted(loaded, notice)]);
  else if (notice.kind === 'spent') await invoke(loaded, 'outputSpent', [writeSpent(loaded, notice)]);
  else if (notice.kind === 'evicted') await invoke(loaded, 'outputEvicted', [notice.txid, notice.outputIndex]);
  else await invoke(loaded, 'outputNoLongerRetainedInHistory', [notice.txid, notice.outputIndex, notice.topic]);
}

type Told<Kind> = Extract<Extract<ThreadCall, { op: 'tell' }>['notice'], { kind: Kind }>;

function writeAdmitted({ traits, scripts }: Loaded, notice: Told<'admitted'>): object {
  const { txid, outputIndex, topic, satoshis, lockingScript, atomicBeef } = notice;
  const offChainValues = listOctets(notice.offChainValues);
  if (traits.admissionMode === 'locking-script') {
    const script = scripts.locking(lockingScript);
    return { mode: 'locking-script', txid, outputIndex, topic, satoshis, lockingScript: script, offChainValues };
  }
  if (atomicBeef === undefined) throw new Error('a service of mode whole-tx was told of an output without its BEEF');
  return { mode: 'whole-tx', atomicBEEF: [...atomicBeef], outputIndex, topic, offChainValues };
}

function writeSpent({ traits, scripts }: Loaded, notice: Told<'spent'>): object {
  const { txid, outputIndex, topic, spendingTxid, inputIndex, sequenceNumber, spendingAtomicBeef } = notice;
  const offChainValues = listOctets(notice.offChainValues);
  const mode = traits.spendNotificationMode;
  const spent = { mode, txid, outputIndex, topic };
  if (mode === 'none') return spent;
  if (mode === 'txid') return { ...spent, spendingTxid };
  if (mode === 'script') {
    const unlockingScript = scripts.unlocking(notice.unlockingScript);
    return { ...spent, spendingTxid, inputIndex, unlockingScript, sequenceNumber, offChainValues };
  }
  if (spendingAtomicBeef === undefined)
    throw new Error('a service of mode whole-tx was told of a spend without its BEEF');
  return { ...spent, spendingAtomicBEEF: [...spendingAtomicBeef], offChainValues };
}

/** Only what the main thread looks at, and no more of it than it would accept: the rest of an answer stays here. */
function copyAdmittance(answer: unknown): unknown {
  const { outputsToAdmit, coinsToRetain } = (answer ?? {}) as Record<string, unknown>;
  return {
    outputsToAdmit: copyNumbers('outputsToAdmit', outputsToAdmit),
    coinsToRetain: copyNumbers('coinsToRetain', coinsToRetain),
  };
}

function copyNumbers(name: string, list: unknown): number[] {
  if (!Array.isArray(list)) throw new Error(`its answer has no list ${name}`);
  if (list.length > ENTRIES_MAX) throw new Error(`it names ${list.length} entries in ${name}`);
  return Array.from(list, (entry: unknown) => {
    if (typeof entry !== 'number') throw new Error(`${name} of its answer holds what is no number`);
    return entry;
  });
}

function copyNeeded(answer: unknown): unknown {
  if (!Array.isArray(answer) || answer.length > ENTRIES_MAX) throw new Error('it names no list of needed inputs');
  return answer.map((entry: unknown) => {
    const { txid, outputIndex } = (entry ?? {}) as Record<string, unknown>;
    return { txid: String(txid).slice(0, 64), outputIndex: Number(outputIndex) };
  });
}

const readText = (text: unknown): string | undefined =>
  typeof text === 'string' ? text.slice(0, TEXT_CHARS_MAX) : undefined;

function copyMetadata(answer: unknown): unknown {
  const given = (answer ?? {}) as Record<string, unknown>;
  const names = ['name', 'shortDescription', 'iconURL', 'version', 'informationURL'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = given[name];
      return typeof value === 'string' ? [[name, value.slice(0, ABOUT_CHARS_MAX)]] : [];
    }),
  );
}
