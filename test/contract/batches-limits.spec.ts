import { limits } from '#atomic-core';
import { fsck } from '#ledger';
import { VerificationService } from '../../src/verification';
import { issueMany, itemOf, itemsOf, outcomesOf, sendBatch, sendLines, writeLines } from './batches-rig';
import { RawCaller, sendHttp, type RawRequest } from './raw-caller';
import { SubmissionsRig, type Caller } from './submissions-rig';

const MIB = 1_048_576;

describe('what a batch may be, and who may send it', () => {
  jest.setTimeout(120_000);
  let rig: SubmissionsRig;
  let caller: Caller;
  beforeAll(async () => {
    rig = await SubmissionsRig.open({ prices: [] });
    caller = await rig.openCaller();
  });
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  const requestOf = (body: string): RawRequest => ({
    method: 'POST',
    url: '/v1/submissions/batch',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  });

  it('answers each of a thousand lines, and refuses a thousand and one', async () => {
    const most = await sendLines(caller, '{}\n'.repeat(limits.BATCH_SUBMISSIONS_MAX));
    expect([most.status, most.json['refused']]).toEqual([200, limits.BATCH_SUBMISSIONS_MAX]);
    expect(itemsOf(most).every(({ index, problem }, at) => index === at && problem?.code === 'request-malformed')).toBe(
      true,
    );
    const raw = await RawCaller.open(rig.url, caller.purse);
    const more = await raw.send(requestOf('{}\n'.repeat(limits.BATCH_SUBMISSIONS_MAX + 1)));
    expect([more.status, more.code]).toEqual([413, 'body-too-large']);
  });

  it('takes 32 MiB and not a byte more, whoever sends them', async () => {
    const raw = await RawCaller.open(rig.url, caller.purse);
    const signed = await raw.sign(requestOf('{}'));
    const send = (bytes: number) => sendHttp(rig.url, { ...signed, body: Buffer.alloc(bytes, 0x61) });
    // Within the limit it is read to its end, and is not what was signed.
    expect((await send(32 * MIB)).code).toBe('auth-signature-invalid');
    expect((await send(32 * MIB + 1)).code).toBe('body-too-large');
  });

  it('holds each line to the limit of a single submission', async () => {
    const answer = await sendBatch(caller, [`{"beef":"${'a'.repeat(4 * MIB)}"}`, '{}']);
    expect(outcomesOf(answer)).toEqual(['body-too-large', 'request-malformed']);
  });

  it('does nothing for a batch that is not signed, or not as it was signed, by a byte of its last line', async () => {
    const items = (await issueMany(caller, 2)).map(({ beef }) => itemOf(beef));
    const body = writeLines(items);
    const raw = await RawCaller.open(rig.url, caller.purse);
    const signed = await raw.sign(requestOf(body));
    const before = await rig.countAll();
    expect((await sendHttp(rig.url, requestOf(body))).code).toBe('auth-required');
    const altered = `${body.slice(0, -3)} }\n`;
    expect((await sendHttp(rig.url, { ...signed, body: altered })).code).toBe('auth-signature-invalid');
    expect((await sendHttp(rig.url, { ...signed, body: `${body}\n` })).code).toBe('auth-signature-invalid');
    expect(await rig.countAll()).toEqual(before);
    const answer = await sendHttp(rig.url, signed);
    expect([answer.status, await raw.isSignedForMe(answer)]).toEqual([200, true]);
    expect((await sendHttp(rig.url, signed)).code).toBe('auth-replayed');
  });

  it('has as many batches in hand as it takes, fewer of one organisation, and says when to come back', async () => {
    const { BATCHES_MAX, BATCHES_OF_ONE_MAX } = limits;
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const verification = rig.app.get(VerificationService);
    const verify = verification.verify.bind(verification);
    let entered = 0;
    jest.spyOn(verification, 'verify').mockImplementation(async (...asked) => {
      entered += 1;
      await gate;
      return verify(...asked);
    });
    const others = [caller, await rig.openCaller(), await rig.openCaller()];
    const documents = await Promise.all(others.map((each) => issueMany(each, BATCHES_OF_ONE_MAX + 1)));
    const sendAll = (each: Caller, place: number) =>
      (documents[place] ?? []).map(({ beef }) => sendBatch(each, [itemOf(beef)]));
    const answers = await Promise.all(
      others.map(async (each, place) => {
        const sent = sendAll(each, place);
        // One more than it may have: the first to be answered is the one that is turned away.
        const first = await Promise.race(sent);
        return { first, sent };
      }),
    );
    expect(answers.map(({ first }) => [first.status, first.json['code'], first.json['next']])).toEqual(
      others.map(() => [503, 'bulk-busy', 'retry-same']),
    );
    expect(entered).toBe(1);
    open();
    const all = await Promise.all(answers.flatMap(({ sent }) => sent));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(BATCHES_MAX);
    jest.restoreAllMocks();
  });
});
