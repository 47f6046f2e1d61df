import { OP } from '@bsv/sdk';
import {
  type BeefDraft,
  type BumpDraft,
  type InputDraft,
  Linker,
  type NodeDraft,
  type OutputDraft,
  type TransactionDraft,
} from './draft';
import type { Random } from './random';
import { push } from './scripts';

/** Damage with a meaning. After most of it children and blocks follow, so that the damage is what decides and not the txid that it moved. */
export interface DraftMutation {
  readonly name: string;
  readonly apply: (draft: BeefDraft, random: Random) => unknown;
}

const SEQUENCES = [0, 1, 0xfffffffe, 0xffffffff, 0x80000000];
const LOCK_TIMES = [
  0, 1, 900_190, 900_200, 900_201, 900_202, 499_999_999, 500_000_000, 1_794_999_999, 1_795_000_000, 0xffffffff,
];
const VALUES = [
  0n,
  1n,
  546n,
  1_000_000n,
  2_000_000n,
  2_100_000_000_000_000n,
  2_100_000_000_000_001n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const VERSIONS = [0, 1, 2, 3, 0x7fffffff, 0xffffffff];
const OPCODES = [
  0x00, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x60, 0x61, 0x62, 0x63, 0x65, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6d, 0x75,
  0x76, 0x7c, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x87, 0x88, 0x8b, 0x8d, 0x91, 0x93, 0x95, 0x96, 0x98, 0xa9, 0xaa,
  0xab, 0xac, 0xad, 0xae, 0xaf, 0xb1, 0xb2, 0xb3, 0xb6, 0xba, 0xff,
];

const anyEntry = (draft: BeefDraft, random: Random): TransactionDraft => random.pick(draft.entries);

const anyUnproven = (draft: BeefDraft, random: Random): TransactionDraft => {
  const unproven = draft.entries.filter(({ bump }) => bump === undefined);
  return unproven.length > 0 ? random.pick(unproven) : anyEntry(draft, random);
};

const withInput = (random: Random, entry: TransactionDraft, change: (input: InputDraft) => unknown): void => {
  if (entry.inputs.length > 0) change(random.pick(entry.inputs));
};

const withOutput = (random: Random, entry: TransactionDraft, change: (output: OutputDraft) => unknown): void => {
  if (entry.outputs.length > 0) change(random.pick(entry.outputs));
};

const withBump = (draft: BeefDraft, random: Random, change: (bump: BumpDraft) => unknown): void => {
  if (draft.bumps.length > 0) change(random.pick(draft.bumps));
};

/** One small edit somewhere in a script: a byte, an opcode, a push in another form, something more, something less. */
export const mutateScript = (script: Buffer, random: Random): Buffer => {
  const at = random.below(script.length + 1);
  const splice = (removed: number, ...added: Uint8Array[]): Buffer =>
    Buffer.concat([script.subarray(0, at), ...added, script.subarray(at + removed)]);
  switch (random.below(8)) {
    case 0:
      return splice(1, Buffer.of(random.pick(OPCODES)));
    case 1:
      return splice(0, Buffer.of(random.pick(OPCODES)));
    case 2:
      return splice(1);
    case 3:
      return splice(1, Buffer.of((script[at] ?? 0) ^ (1 << random.below(8))));
    case 4:
      return splice(0, push(random.bytes(random.below(6)), random.below(3)));
    case 5:
      // The first push, in a longer form.
      return script.length > 0 && (script[0] ?? 0) < 0x4c ? Buffer.concat([Buffer.of(0x4c), script]) : splice(1);
    case 6:
      return Buffer.concat([script, Buffer.of(random.pick(OPCODES))]);
    default:
      return script.subarray(0, at);
  }
};

/** The last byte of the first push is the hash type of a signature, if it is one. */
const changeScope = (script: Buffer, random: Random): Buffer => {
  const start = script[0] === 0 ? 1 : 0;
  const end = start + (script[start] ?? 0);
  if (end >= script.length) return mutateScript(script, random);
  const changed = Buffer.from(script);
  changed[end] = random.chance(2)
    ? (changed[end] ?? 0) ^ (1 << random.below(8))
    : random.pick([0x41, 0x42, 0x43, 0xc1, 0xc2, 0xc3, 0x01, 0x61]);
  return changed;
};

const swap = (items: unknown[], random: Random): void => {
  if (items.length < 2) return;
  const [left, right] = [random.below(items.length), random.below(items.length)];
  [items[left], items[right]] = [items[right], items[left]];
};

/** A copy of the transaction as it is now stays in the block and with its children: what comes next is nobody's transaction. */
const cutLinks = (draft: BeefDraft, index: number): void => {
  const txid = new Linker(draft).txid(index);
  for (const { inputs } of draft.entries) for (const input of inputs) if (input.parent === index) input.txid ??= txid;
  for (const { leaves } of draft.bumps)
    for (const [place, leaf] of leaves.entries()) if (leaf === index) leaves[place] = txid;
};

const editNodes = (draft: BeefDraft, random: Random, edit: (nodes: NodeDraft[], levels: NodeDraft[][]) => void): void =>
  withBump(draft, random, (bump) => {
    const earlier = bump.edit;
    const level = random.below(4);
    bump.edit = (levels) => {
      earlier?.(levels);
      const nodes = levels[level % Math.max(1, levels.length)];
      if (nodes) edit(nodes, levels);
    };
  });

const editNode = (draft: BeefDraft, random: Random, edit: (node: NodeDraft) => unknown): void => {
  const place = random.next();
  editNodes(draft, random, (nodes) => {
    const node = nodes[place % Math.max(1, nodes.length)];
    if (node) edit(node);
  });
};

const transactionMutations: Readonly<Record<string, DraftMutation['apply']>> = {
  version: (draft, random) => (anyUnproven(draft, random).version = random.pick(VERSIONS)),
  'lock time': (draft, random) => (anyUnproven(draft, random).lockTime = random.pick(LOCK_TIMES)),
  'lock time that counts': (draft, random) => {
    const entry = anyUnproven(draft, random);
    entry.lockTime = random.pick(LOCK_TIMES);
    withInput(random, entry, (input) => (input.sequence = random.pick(SEQUENCES)));
  },
  sequence: (draft, random) =>
    withInput(random, anyUnproven(draft, random), (input) => (input.sequence = random.pick(SEQUENCES))),
  vout: (draft, random) =>
    withInput(random, anyUnproven(draft, random), (input) => (input.vout = random.pick([0, 1, 2, 0xffffffff]))),
  'parent of an input': (draft, random) =>
    withInput(random, anyUnproven(draft, random), (input) => (input.parent = random.below(draft.entries.length))),
  'cut link': (draft, random) => cutLinks(draft, random.below(draft.entries.length)),
  'cut link, then another value': (draft, random) => {
    const index = random.below(draft.entries.length);
    cutLinks(draft, index);
    withOutput(random, draft.entries[index] as TransactionDraft, (output) => (output.satoshis = random.pick(VALUES)));
  },
  'an outpoint twice': (draft, random) => {
    const entry = anyUnproven(draft, random);
    withInput(random, entry, (input) => entry.inputs.push({ ...input }));
  },
  'a spend of a rival': (draft, random) => {
    const entry = anyUnproven(draft, random);
    withInput(random, anyUnproven(draft, random), (input) => entry.inputs.push({ ...input }));
  },
  'swapped inputs': (draft, random) => swap(anyUnproven(draft, random).inputs, random),
  'swapped scripts': (draft, random) => {
    const inputs = draft.entries.flatMap((entry) => entry.inputs);
    if (inputs.length === 0) return;
    const [one, two] = [random.pick(inputs), random.pick(inputs)];
    [one.script, two.script] = [two.script, one.script];
  },
  'swapped outputs': (draft, random) => swap(anyEntry(draft, random).outputs, random),
  'an input less': (draft, random) => anyUnproven(draft, random).inputs.pop(),
  'an output less': (draft, random) => anyEntry(draft, random).outputs.pop(),
  'an output more': (draft, random) =>
    void anyUnproven(draft, random).outputs.push({ satoshis: random.pick(VALUES), script: Buffer.of(OP.OP_1) }),
  value: (draft, random) =>
    withOutput(random, anyEntry(draft, random), (output) => (output.satoshis = random.pick(VALUES))),
  'value by one': (draft, random) =>
    withOutput(
      random,
      anyEntry(draft, random),
      (output) => (output.satoshis = BigInt.asUintN(64, output.satoshis + 1n)),
    ),
};

const scriptMutations: Readonly<Record<string, DraftMutation['apply']>> = {
  'unlocking script': (draft, random) =>
    withInput(random, anyUnproven(draft, random), (input) => (input.script = mutateScript(input.script, random))),
  'unlocking script, twice': (draft, random) =>
    withInput(
      random,
      anyUnproven(draft, random),
      (input) => (input.script = mutateScript(mutateScript(input.script, random), random)),
    ),
  'hash type': (draft, random) =>
    withInput(random, anyUnproven(draft, random), (input) => (input.script = changeScope(input.script, random))),
  'locking script': (draft, random) =>
    withOutput(random, anyEntry(draft, random), (output) => (output.script = mutateScript(output.script, random))),
  'version and unlocking script': (draft, random) => {
    const entry = anyUnproven(draft, random);
    entry.version = 2;
    withInput(random, entry, (input) => (input.script = mutateScript(input.script, random)));
  },
};

const graphMutations: Readonly<Record<string, DraftMutation['apply']>> = {
  kind: (draft, random) => (draft.kind = random.pick(['V1', 'V2', 'Atomic'] as const)),
  subject: (draft, random) => (draft.subject = random.below(draft.entries.length)),
  'order of entries': (draft, random) => {
    if (draft.entries.length < 2) return;
    const at = random.below(draft.entries.length - 1);
    const move = (index: number): number => (index === at ? at + 1 : index === at + 1 ? at : index);
    for (const { inputs } of draft.entries) for (const input of inputs) input.parent = move(input.parent);
    for (const { leaves } of draft.bumps)
      for (const [place, leaf] of leaves.entries()) if (typeof leaf === 'number') leaves[place] = move(leaf);
    [draft.entries[at], draft.entries[at + 1]] = [
      draft.entries[at + 1] as TransactionDraft,
      draft.entries[at] as TransactionDraft,
    ];
  },
  'an entry twice': (draft, random) => draft.entries.push({ ...anyEntry(draft, random) }),
  'no BUMP for it': (draft, random) => delete anyEntry(draft, random).bump,
  'another BUMP for it': (draft, random) => (anyEntry(draft, random).bump = random.below(draft.bumps.length + 1)),
  'a BUMP twice': (draft, random) => withBump(draft, random, (bump) => draft.bumps.push({ ...bump })),
  'a BUMP nobody names': (draft, random) =>
    void draft.bumps.push({ height: 800_000, leaves: [random.bytes(32), random.bytes(32)], named: [0] }),
  'a BUMP less': (draft) => draft.bumps.pop(),
  'block height': (draft, random) =>
    withBump(
      draft,
      random,
      (bump) => (bump.height = random.pick([0, 900_101, 900_102, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])),
    ),
  'node offset': (draft, random) => {
    const offset = random.pick([0, 1, 2, 3, 255, 65_536]);
    editNode(draft, random, (node) => (node.offset = offset));
  },
  'node flags': (draft, random) => {
    const flags = random.pick([0, 1, 2, 3, 0x80]);
    editNode(draft, random, (node) => (node.flags = flags));
  },
  'node hash': (draft, random) => {
    const hash = random.bytes(32);
    editNode(draft, random, (node) => (node.hash = hash));
  },
  'a node twice': (draft, random) => editNodes(draft, random, (nodes) => nodes[0] && nodes.push({ ...nodes[0] })),
  'a node less': (draft, random) => editNodes(draft, random, (nodes) => nodes.pop()),
  'a repeated hash for a duplicate': (draft, random) =>
    editNodes(draft, random, (nodes) => {
      const [left, right] = nodes;
      if (left && right) Object.assign(right, { flags: 0, hash: left.hash });
    }),
  'a level less': (draft, random) => editNodes(draft, random, (_nodes, levels) => levels.pop()),
  'a level more': (draft, random) => {
    const hash = random.bytes(32);
    editNodes(draft, random, (_nodes, levels) => levels.push([{ offset: 1, flags: 0, hash }]));
  },
  'nodes in another order': (draft, random) => editNodes(draft, random, (nodes) => nodes.reverse()),
  'a longer varint': (draft, random) => (draft.widen = random.below(40)),
};

const toList = (table: Readonly<Record<string, DraftMutation['apply']>>): DraftMutation[] =>
  Object.entries(table).map(([name, apply]) => ({ name, apply }));

/** Before the signatures are made: they are right for what was changed, so that every other rule decides. */
export const beforeSigning: readonly DraftMutation[] = [...toList(transactionMutations), ...toList(graphMutations)];

export const afterSigning: readonly DraftMutation[] = [
  ...toList(transactionMutations),
  ...toList(scriptMutations),
  ...toList(scriptMutations),
  ...toList(graphMutations),
];
