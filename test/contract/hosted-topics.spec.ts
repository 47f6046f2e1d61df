import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fsck } from '#ledger';
import { HostedTopics, type HostedTopic } from '../../src/topics';
import { makeTokens, OperatorFolder, passOn, prove, type Token } from './hosted-rig';
import { SubmissionsRig, type Answer, type Caller } from './submissions-rig';

const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');
/** The ten lines that the README prints, and the setting of its command. */
const [, printed = ''] = /<!-- greetings\.mjs -->\s+```js\n([\s\S]+?)```/u.exec(readme) ?? [];
const [, setting = ''] = /export PORTCULLIS_TOPICS='(.+)'/u.exec(readme) ?? [];

const seal = Buffer.from('what nobody else knows');
const sealHash = createHash('sha256').update(seal).digest('hex');

describe('topic managers as others ship them, over HTTP', () => {
  let folder: OperatorFolder;
  let rig: SubmissionsRig;
  let caller: Caller;
  const admittanceOf = ({ status, json }: Answer): unknown => [status, json['admittance'] ?? json['detail']];
  const submit = (token: Token, topics: string[], over: Record<string, unknown> = {}): Promise<Answer> =>
    caller.submit(token.beef, { topics, ...over });
  const findTopic = (name: string): HostedTopic => {
    const topic = rig.app.get(HostedTopics).findTopic(name);
    if (!topic.ok) throw new Error(topic.rejection.detail);
    return topic.value;
  };

  beforeAll(async () => {
    folder = new OperatorFolder();
    writeFileSync(join(folder.path, 'greetings.mjs'), printed);
    rig = await SubmissionsRig.open({
      topics: JSON.stringify([
        ...(JSON.parse(setting) as object[]),
        { name: 'tm_notes', module: '@fixtures/notes' },
        { name: 'ls_notes', module: '@fixtures/notes', storage: 'process' },
        { name: 'tm_consignments', module: 'fixture-consignments' },
        { name: 'tm_sealed', module: './sealed.mjs' },
        {
          name: 'ls_consignments',
          module: 'fixture-consignments',
          export: 'createConsignmentsLookup',
          options: { file: join(folder.path, 'steps.json') },
        },
      ]),
    });
    caller = await rig.openCaller();
  }, 120_000);
  afterAll(async () => {
    const findings = await fsck(rig.database.owner);
    await rig.close();
    folder.remove();
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);

  it('hosts an ESM class with linked signatures: two notes, the change is none', async () => {
    const made = await makeTokens(caller.wallet, ['first'], ['second']);
    const steak = { outputsToAdmit: [0, 1], coinsToRetain: [], coinsRemoved: [] };
    expect(admittanceOf(await submit(made, ['tm_notes']))).toEqual([201, { tm_notes: steak }]);
  }, 60_000);

  it('gives it the source of each coin, and removes the coins that it does not retain', async () => {
    const first = await makeTokens(caller.wallet, ['note']);
    expect((await submit(first, ['tm_notes'])).status).toBe(201);
    const next = await passOn(caller.wallet, first, ['note, corrected']);
    const steak = { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [0] };
    expect(admittanceOf(await submit(next, ['tm_notes']))).toEqual([201, { tm_notes: steak }]);
    // Empty, and honest: the note is spent and nothing takes its place.
    const gone = await passOn(caller.wallet, next, ['no', 'note']);
    const empty = { outputsToAdmit: [], coinsToRetain: [], coinsRemoved: [0] };
    expect(admittanceOf(await submit(gone, ['tm_notes']))).toEqual([201, { tm_notes: empty }]);
  }, 60_000);

  it('gives it the source of each coin of a transaction that is in a block already', async () => {
    const first = await makeTokens(caller.wallet, ['old note']);
    expect((await submit(first, ['tm_notes'])).status).toBe(201);
    const next = await passOn(caller.wallet, first, ['old note, proven']);
    const proven = await prove(rig, next.beef);
    const steak = { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [0] };
    expect(admittanceOf(await submit({ ...next, beef: proven }, ['tm_notes']))).toEqual([201, { tm_notes: steak }]);
  }, 60_000);

  it('refuses what concerns none of its topics, and says which', async () => {
    const made = await makeTokens(caller.wallet, ['neither', 'note', 'nor consignment']);
    expect(await rig.refused(() => submit(made, ['tm_notes']))).toEqual([422, 'topic-refused']);
    const { json } = await submit(made, ['tm_notes']);
    expect(json).toMatchObject({
      at: { topic: 'tm_notes' },
      detail: expect.stringContaining('nothing for this topic'),
    });
  }, 60_000);

  it('hosts a CommonJS class that retains its coins as history', async () => {
    const start = await makeTokens(caller.wallet, ['C-1', 'start']);
    const first = { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] };
    expect(admittanceOf(await submit(start, ['tm_consignments']))).toEqual([201, { tm_consignments: first }]);
    const step = await passOn(caller.wallet, start, ['C-1', 'loaded']);
    const second = { outputsToAdmit: [0], coinsToRetain: [0], coinsRemoved: [] };
    expect(admittanceOf(await submit(step, ['tm_consignments']))).toEqual([201, { tm_consignments: second }]);
  }, 60_000);

  it('hosts a plain object with methods that are not async, and gives it mode and off-chain values', async () => {
    const made = await makeTokens(caller.wallet, [sealHash, 'historical-tx'], [sealHash, 'current-tx']);
    const over = { mode: 'historical-tx', offChainValues: seal.toString('base64') };
    const steak = { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] };
    // A throw is a refusal that names the topic, with what was thrown.
    const refused = await submit(made, ['tm_sealed']);
    expect(refused.json).toMatchObject({ status: 422, code: 'topic-failed', at: { topic: 'tm_sealed' } });
    expect(refused.json['detail']).toContain('Off-chain values are needed');
    expect(admittanceOf(await submit(made, ['tm_sealed'], over))).toEqual([201, { tm_sealed: steak }]);
  }, 60_000);

  it('hosts the ten lines of the README as they are printed there', async () => {
    expect(printed.trimEnd().split('\n')).toHaveLength(10);
    const made = await makeTokens(caller.wallet, ['good bye'], ['hello']);
    const steak = { outputsToAdmit: [1], coinsToRetain: [], coinsRemoved: [] };
    expect(admittanceOf(await submit(made, ['tm_greetings']))).toEqual([201, { tm_greetings: steak }]);
  }, 60_000);

  it('asks all topics of a submission or admits to none', async () => {
    const both = await makeTokens(caller.wallet, ['C-2', 'start'], ['a note beside it']);
    expect(await rig.refused(() => submit(both, ['tm_consignments', 'tm_sealed']))).toEqual([422, 'topic-failed']);
    const answer = await submit(both, ['tm_consignments', 'tm_notes']);
    expect(admittanceOf(answer)).toEqual([
      201,
      {
        tm_consignments: { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] },
        tm_notes: { outputsToAdmit: [1], coinsToRetain: [], coinsRemoved: [] },
      },
    ]);
  }, 60_000);

  it('lists them beside its own, with what they say of themselves or the words of the Engine', async () => {
    const hosted = rig.app.get(HostedTopics);
    expect([...hosted.topicNames].sort()).toEqual([
      ...['tm_consignments', 'tm_documents', 'tm_greetings', 'tm_notes', 'tm_revocation', 'tm_sealed'],
    ]);
    expect([...hosted.lookupNames].sort()).toEqual(['ls_consignments', 'ls_documents', 'ls_notes', 'ls_revocation']);
    expect(await findTopic('tm_notes').metadata()).toEqual({
      ...{ name: 'Notes Topic Manager', shortDescription: 'Signed lines.', version: '1.2.0' },
    });
    expect(await findTopic('tm_notes').documentation()).toMatch(/^# Notes/u);
    // A getter that gives the method.
    expect(await findTopic('tm_consignments').documentation()).toBe('# Consignments');
    expect(await findTopic('tm_sealed').documentation()).toBe('No documentation found!');
    expect(await findTopic('tm_sealed').metadata()).toEqual({
      ...{ name: 'tm_sealed', shortDescription: 'No topical tagline.' },
    });
    expect(await findTopic('tm_documents').documentation()).toMatch(/^# tm_documents/u);
    const notes = hosted.findLookup('ls_notes');
    expect(notes.ok && (await notes.value.metadata())).toEqual({
      ...{ name: 'ls_notes', shortDescription: 'No lookup service tagline.' },
    });
  });

  it('asks for needed inputs where the topic manager knows them', async () => {
    const start = await makeTokens(caller.wallet, ['C-3', 'start']);
    const step = await passOn(caller.wallet, start, ['C-3', 'loaded']);
    const needed = await findTopic('tm_consignments').neededInputs?.(step.beef);
    expect(needed).toMatchObject({ ok: true, value: expect.arrayContaining([{ txid: start.txid, outputIndex: 0 }]) });
    expect(findTopic('tm_notes').neededInputs).toBeUndefined();
  }, 60_000);
});
