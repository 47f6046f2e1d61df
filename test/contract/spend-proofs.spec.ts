import { LockingScript, Transaction, UnlockingScript } from '@bsv/sdk';
import { makeOutpoint, type Txid } from '#atomic-core';
import { findNamedSpend, findRevocation } from '#ledger';
import { waitUntil } from '#testkit';
import { RevocationService } from '../../src/revocation';
import { expectSound } from './baskets-rig';
import { ChainWitness } from './chain-witness';
import { makeCoin } from './revocation-coin';
import { SubmissionsRig } from './submissions-rig';

/**
 * The header chain as a source of its own: a transaction that somebody names as the spender is fetched with its proof and judged by our engine and our own
 * headers. Two witnesses are asked for their word and for proofs; each tells the truth of the development network until it is told to lie.
 */
let rig: SubmissionsRig;
let one: ChainWitness;
let other: ChainWitness;

beforeAll(async () => {
  [one, other] = [await ChainWitness.open(), await ChainWitness.open()];
  rig = await SubmissionsRig.open({
    revocationSources: [one, other].map(({ url }) => ({ kind: 'whatsonchain', url })),
    // What is asked for is asked for by the test alone.
    revocationIntervalMs: 86_400_000,
  });
  one.truth = other.truth = rig.devnet.url;
}, 120_000);
afterEach(() => {
  for (const witness of [one, other]) witness.lies.clear();
});
afterAll(async () => {
  await expectSound(rig);
  await rig.close();
  await Promise.all([one.close(), other.close()]);
}, 60_000);

interface Watched {
  readonly question: { readonly txid: string; readonly vout: number };
  readonly spend: () => Promise<string>;
}

/** A revocation outpoint that is watched here, and known to be unspent. */
const watch = async (): Promise<Watched> => {
  const { outpoint, spend } = await makeCoin(rig.devnet);
  const [txid = '', vout] = outpoint.split('.');
  const question = { txid, vout: Number(vout) };
  await rig.database.owner.query(
    `insert into portcullis.revocation (outpoint, state, as_of, source, looked_at, claimed_at)
     values ($1, 'good', clock_timestamp(), 'a test', clock_timestamp(), clock_timestamp())`,
    [makeOutpoint(txid as Txid, question.vout)],
  );
  return { question, spend };
};
const judge = ({ question }: Watched) => rig.app.get(RevocationService, { strict: false }).judgeAnew(question);
const placeOf = ({ question }: Watched) => makeOutpoint(question.txid as Txid, question.vout);
const keptOf = (watched: Watched) => findRevocation(rig.database.dataSource, placeOf(watched));

/** Says that nobody spent it. */
const deny = (witness: ChainWitness, { question: { txid, vout } }: Watched): void => {
  witness.lies.set(`/tx/${txid}/${String(vout)}/spent`, { status: 404, body: 'Not Found' });
};
/** Says that this one spent it. */
const accuse = (witness: ChainWitness, { question: { txid, vout } }: Watched, spender: string): void => {
  witness.lies.set(`/tx/${txid}/${String(vout)}/spent`, { status: 200, body: JSON.stringify({ txid: spender }) });
};
const say = (witness: ChainWitness, path: string, body: string): void => {
  witness.lies.set(path, { status: 200, body });
};
/** A transaction of nobody that would spend it. */
const forge = ({ question: { txid, vout } }: Watched): Transaction => {
  const transaction = new Transaction();
  const unlockingScript = UnlockingScript.fromHex('51');
  transaction.addInput({ sourceTXID: txid, sourceOutputIndex: vout, unlockingScript, sequence: 0xffffffff });
  transaction.addOutput({ satoshis: 1, lockingScript: LockingScript.fromHex('51') });
  return transaction;
};
/** A transaction that is mined and has nothing to do with it. */
const mineStranger = async (): Promise<string> => {
  const spender = await (await makeCoin(rig.devnet)).spend();
  await rig.mine();
  return spender;
};

describe('a spend that somebody names', () => {
  it('is proven once it is mined: no GOOD stands against it, now or later, and nobody is asked again', async () => {
    const watched = await watch();
    const spender = await watched.spend();
    deny(other, watched);
    expect(await judge(watched)).toMatchObject({ state: 'unknown', isSilent: false });
    await rig.mine();
    const revoked = {
      state: 'revoked',
      spenderTxid: spender,
      source: expect.stringMatching(/^the header chain at height \d+, by whatsonchain/u),
    };
    expect(await judge(watched)).toMatchObject(revoked);
    deny(one, watched);
    const asked = one.asked.length;
    expect(await judge(watched)).toMatchObject(revoked);
    expect(one.asked).toHaveLength(asked);
    expect(await keptOf(watched)).toMatchObject(revoked);
  });

  it('is proven by another witness than the one that names it', async () => {
    const watched = await watch();
    const spender = await watched.spend();
    await rig.mine();
    deny(other, watched);
    one.lies.set(`/tx/${spender}/proof/tsc`, { status: 404, body: '' });
    // Which lists more than one: of a block that nobody has, and one that cannot be read.
    const [real] = JSON.parse((await other.answer(`/tx/${spender}/proof/tsc`)).body) as [object];
    const listed = [{ ...real, target: 'ab'.repeat(32) }, 'no proof', real];
    say(other, `/tx/${spender}/proof/tsc`, JSON.stringify(listed));
    const source = expect.stringContaining(`by whatsonchain ${other.host}`);
    expect(await judge(watched)).toMatchObject({ state: 'revoked', spenderTxid: spender, source });
  });

  it('is proven later, also where by then nobody names it any more', async () => {
    const watched = await watch();
    const spender = await watched.spend();
    expect(await judge(watched)).toMatchObject({ state: 'revoked', spenderTxid: spender });
    await rig.mine();
    for (const witness of [one, other]) deny(witness, watched);
    expect(await judge(watched)).toMatchObject({ state: 'revoked', spenderTxid: spender });
  });

  it('is no longer proven when a reorg takes its block away, and is again with the next', async () => {
    const watched = await watch();
    const spender = await watched.spend();
    await rig.mine();
    expect(await judge(watched)).toMatchObject({ state: 'revoked' });
    const provenBy = async () => (await findNamedSpend(rig.database.dataSource, placeOf(watched)))?.provenBy;
    const before = await provenBy();
    expect(before).toContain('header chain');
    await rig.order('reorg', { depth: 1, transactions: 'mempool' });
    await waitUntil('our headers follow', async () => (await provenBy()) === undefined);
    deny(other, watched);
    expect(await judge(watched)).toMatchObject({ state: 'unknown', isSilent: false });
    await rig.mine();
    expect(await judge(watched)).toMatchObject({ state: 'revoked', spenderTxid: spender });
    expect(await provenBy()).not.toBe(before);
  });
});

describe('a witness that lies', () => {
  it('revokes nothing by a transaction that does not spend it: its own bytes say so, whoever brings them', async () => {
    const watched = await watch();
    const stranger = await mineStranger();
    accuse(one, watched, stranger);
    expect(await judge(watched)).toMatchObject({ state: 'good', source: `whatsonchain ${other.host}` });
    accuse(other, watched, stranger);
    const both = expect.stringContaining('does not spend it');
    expect(await judge(watched)).toMatchObject({ state: 'unknown', isSilent: true, detail: both });
    expect(await keptOf(watched)).toMatchObject({ state: 'good' });
  });

  it('revokes nothing by the bytes of another transaction', async () => {
    const watched = await watch();
    const stranger = await mineStranger();
    accuse(one, watched, stranger);
    const forged = forge(watched);
    say(one, `/tx/${stranger}/hex`, forged.toHex());
    expect(await judge(watched)).toMatchObject({ state: 'good' });
  });

  it('revokes nothing by the proof of another transaction, of whatever place', async () => {
    const watched = await watch();
    const stranger = await mineStranger();
    const forged = forge(watched);
    const spender = forged.id('hex');
    accuse(one, watched, spender);
    say(one, `/tx/${spender}/hex`, forged.toHex());
    const { body } = await other.answer(`/tx/${stranger}/proof/tsc`);
    say(one, `/tx/${spender}/proof/tsc`, body);
    expect(await judge(watched)).toMatchObject({ state: 'good', source: `whatsonchain ${other.host}` });
    // As if it were all of its block.
    const [proof] = JSON.parse(body) as [{ target: string }];
    say(one, `/tx/${spender}/proof/tsc`, JSON.stringify([{ ...proof, index: 0, nodes: [] }]));
    expect(await judge(watched)).toMatchObject({ state: 'good' });
    deny(other, watched);
    expect(await judge(watched)).toMatchObject({ state: 'good' });
  });

  it('gains nothing by a block that our chain does not have: its word is a word, and against another it is nothing', async () => {
    const watched = await watch();
    const forged = forge(watched);
    const spender = forged.id('hex');
    accuse(one, watched, spender);
    say(one, `/tx/${spender}/hex`, forged.toHex());
    say(one, `/tx/${spender}/proof/tsc`, JSON.stringify([{ index: 0, target: 'ab'.repeat(32), nodes: [] }]));
    const detail = expect.stringContaining('contradict');
    expect(await judge(watched)).toMatchObject({ state: 'unknown', isSilent: false, detail });
    expect(await keptOf(watched)).toMatchObject({ state: 'unknown' });
  });

  it('gains nothing by what cannot be read', async () => {
    const watched = await watch();
    const spender = forge(watched).id('hex');
    accuse(one, watched, spender);
    for (const [hex, tsc] of [
      ['zz', '[]'],
      ['', 'null'],
      [forge(watched).toHex(), '{"index":0}'],
      [forge(watched).toHex(), '[{"index":-1,"target":"","nodes":[]}]'],
      [forge(watched).toHex(), 'no JSON'],
    ] as const) {
      say(one, `/tx/${spender}/hex`, hex);
      say(one, `/tx/${spender}/proof/tsc`, tsc);
      expect([hex, await judge(watched)]).toMatchObject([hex, { state: 'unknown', isSilent: false }]);
    }
  });
});
