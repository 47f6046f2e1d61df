import type { Ask, Reply } from './conversation';
import type { WireExchange } from './wire-tap';

/** Whoever can be asked to act: an {@link OrganisationProcess}, or a test's stand-in for its transport. */
export interface Organisation {
  readonly name: string;
  ask(ask: Ask): Promise<Reply>;
}

export interface StoryWorld {
  readonly supplier: Organisation;
  readonly buyer: Organisation;
  readonly attacker: Organisation;
  readonly gatewayUrl: string;
  readonly devnetUrl: string;
  /** Distinguishes the documents of this telling from those of earlier ones. */
  readonly documentId: string;
}

export interface StepOutcome {
  readonly title: string;
  readonly actor: string;
  readonly expected: string;
  readonly actual: string;
  readonly ok: boolean;
  readonly facts: Reply['facts'];
  readonly wire: readonly WireExchange[];
}

interface Memory {
  readonly keys: Map<string, string>;
  transferTxid: string;
}

interface Step {
  readonly title: string;
  readonly actor: 'supplier' | 'buyer' | 'attacker';
  readonly expected: string;
  act(world: StoryWorld, memory: Memory): Promise<Reply>;
  /** Undefined when the outcome is as it should be, else what is wrong. */
  check(reply: Reply, memory: Memory): string | undefined;
}

const SETTLE_WAIT_MS = 30_000;
const SETTLE_POLL_MS = 200;

const answered = (reply: Reply, status: number, code?: string): string | undefined =>
  reply.status === status && reply.code === code
    ? undefined
    : `the gateway answered ${reply.status}${reply.code === undefined ? '' : ` ${reply.code}`}`;

const paidFor = (reply: Reply): string | undefined => {
  const statuses = reply.wire.filter((exchange) => exchange.path === '/v1/submissions').map(({ status }) => status);
  return statuses.join(' ') === '402 201' ? undefined : `the wire carried ${statuses.join(', ')} in place of 402, 201`;
};

/** Asks until the settlement is one of `wanted` or the time is over; the last reply decides. */
const awaitSettlement = async (actor: Organisation, txid: string, wanted: readonly string[]): Promise<Reply> => {
  const deadline = Date.now() + SETTLE_WAIT_MS;
  for (;;) {
    const reply = await actor.ask({ operation: 'settlement', txid });
    if (wanted.includes(String(reply.facts.settlement)) || Date.now() > deadline) return reply;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }
};

const mine = async (devnetUrl: string): Promise<void> => {
  const response = await fetch(`${devnetUrl}/admin/mine`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ blocks: 1 }),
  });
  if (!response.ok) throw new Error(`The development network refused to mine: ${response.status}.`);
};

const steps: readonly Step[] = [
  {
    title: 'The supplier and the gateway authenticate each other (BRC-103)',
    actor: 'supplier',
    expected: '200, and the gateway knows the supplier by its key',
    act: async ({ supplier }) => await supplier.ask({ operation: 'identify' }),
    check: (reply) => answered(reply, 200) ?? (reply.facts.recognised === true ? undefined : 'the identity is another'),
  },
  {
    title: 'The buyer does the same',
    actor: 'buyer',
    expected: '200, and the gateway knows the buyer by its key',
    act: async ({ buyer }, memory) => {
      const reply = await buyer.ask({ operation: 'identify' });
      memory.keys.set('buyer', String(reply.facts.identityKey));
      return reply;
    },
    check: (reply) => answered(reply, 200) ?? (reply.facts.recognised === true ? undefined : 'the identity is another'),
  },
  {
    title: 'The supplier issues an order token: 402, payment, one COMMIT',
    actor: 'supplier',
    expected: '402 with terms, then 201 with the output admitted to tm_documents',
    act: async ({ supplier, documentId }) =>
      await supplier.ask({ operation: 'issue', documentId, content: `Order ${documentId}: 40 pallets` }),
    check: (reply) =>
      answered(reply, 201) ??
      paidFor(reply) ??
      (reply.facts.admitted === '0' ? undefined : 'the output was not admitted'),
  },
  {
    title: 'The supplier transfers the token to the buyer',
    actor: 'supplier',
    expected: '201: the old coin is spent and the new output admitted',
    act: async ({ supplier, documentId }, memory) => {
      const recipient = memory.keys.get('buyer') ?? '';
      const reply = await supplier.ask({ operation: 'transfer', documentId, recipient });
      memory.transferTxid = String(reply.facts.txid);
      return reply;
    },
    check: (reply) =>
      answered(reply, 201) ?? paidFor(reply) ?? (reply.facts.coins === '0' ? undefined : 'the coin was not taken up'),
  },
  {
    title: 'The buyer looks the document up and finds itself the holder',
    actor: 'buyer',
    expected: 'one unspent output, locked to the buyer',
    act: async ({ buyer, documentId }) => await buyer.ask({ operation: 'lookup', documentId }),
    check: (reply) =>
      answered(reply, 200) ??
      (reply.facts.outputs === 1 && reply.facts.held === true ? undefined : 'the buyer does not hold the one output'),
  },
  {
    title: 'The relay broadcasts it in Extended Format and the network takes it',
    actor: 'supplier',
    expected: 'settlement broadcast or seen',
    act: async ({ supplier }, memory) =>
      await awaitSettlement(supplier, memory.transferTxid, ['broadcast', 'seen', 'mined', 'final']),
    check: (reply) =>
      answered(reply, 200) ?? (reply.facts.settlement === 'applied' ? 'it was not broadcast in time' : undefined),
  },
  {
    title: 'A block is mined and the proof comes back',
    actor: 'supplier',
    expected: 'settlement mined',
    act: async ({ supplier, devnetUrl }, memory) => {
      await mine(devnetUrl);
      return await awaitSettlement(supplier, memory.transferTxid, ['mined', 'final']);
    },
    check: (reply) =>
      answered(reply, 200) ??
      (['mined', 'final'].includes(String(reply.facts.settlement)) ? undefined : 'no proof came in time'),
  },
  {
    title: 'The supplier fetches the Atomic BEEF and verifies it with @bsv/sdk against the block header',
    actor: 'supplier',
    expected: 'a proof of the subject itself that the SDK accepts',
    act: async ({ supplier }, memory) => await supplier.ask({ operation: 'prove', txid: memory.transferTxid }),
    check: (reply) =>
      answered(reply, 200) ?? (reply.facts.proven === true ? undefined : 'the SDK does not accept the proof'),
  },
  {
    title: 'Refused: the supplier spends the order token a second time',
    actor: 'supplier',
    expected: '409 outpoint-spent',
    act: async ({ supplier, documentId }) => await supplier.ask({ operation: 'double-spend', documentId }),
    check: (reply) => answered(reply, 409, 'outpoint-spent'),
  },
  {
    title: 'Refused: the payment of one submission is presented for another',
    actor: 'supplier',
    expected: '409 payment-already-spent',
    act: async ({ supplier }) => await supplier.ask({ operation: 'replay-payment' }),
    check: (reply) => answered(reply, 409, 'payment-already-spent'),
  },
  {
    title: 'Refused: an attacker with a session of its own names the buyer as the caller',
    actor: 'attacker',
    expected: '401 auth-identity-mismatch',
    act: async ({ attacker }, memory) =>
      await attacker.ask({ operation: 'impersonate', victim: memory.keys.get('buyer') ?? '' }),
    check: (reply) => answered(reply, 401, 'auth-identity-mismatch'),
  },
];

/** Tells the story of DESIGN §2 step by step; a step that fails ends it, since the next would stand on nothing. */
export async function* playStory(world: StoryWorld): AsyncGenerator<StepOutcome> {
  const memory: Memory = { keys: new Map(), transferTxid: '' };
  const { gatewayUrl, devnetUrl } = world;
  for (const actor of [world.supplier, world.buyer, world.attacker]) {
    await actor.ask({ operation: 'join', gatewayUrl, devnetUrl, satoshis: 20_000 });
  }
  for (const step of steps) {
    const reply = await step.act(world, memory);
    const complaint = step.check(reply, memory);
    const { title, expected } = step;
    const shared = { title, expected, actor: world[step.actor].name, facts: reply.facts, wire: reply.wire };
    yield { ...shared, ok: complaint === undefined, actual: complaint ?? 'as expected' };
    if (complaint !== undefined) return;
  }
}

/** How many steps a whole telling has. */
export const STORY_STEPS = steps.length;
