import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey, P2PKH, Transaction, UnlockingScript } from '@bsv/sdk';
import { readHeader } from '#atomic-core';
import { exitCodeOf } from '../../src/cli/exit-codes';
import { createProgram } from '../../src/cli/program';
import { runVerify, type VerifyCommandOptions } from '../../src/cli/run-verify';
import { DEVNET_GENESIS, mineHeader } from '../../src/devnet/block';
import {
  forgedSignature,
  fundingBlock,
  fundingRoot,
  futureRoot,
  inflatingAncestor,
  missingParent,
  soundChain,
  strangeRoot,
  type Sketch,
} from './chain-sketch';

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly sentence: string;
}

/** Genesis, the block of the sketches' funding, and some more on it. */
const mineChain = (): Buffer[] => {
  const headers: Buffer[] = [DEVNET_GENESIS];
  for (let height = 1; height <= 20; height += 1) {
    const parent = headers[height - 1] ?? DEVNET_GENESIS;
    const root = height === fundingBlock.height ? fundingRoot() : Buffer.alloc(32, height);
    headers.push(mineHeader(readHeader(parent)?.hash ?? '', root, parent.readUInt32LE(68) + 600));
  }
  return headers;
};

describe('portcullis verify, offline', () => {
  const headers = mineChain();
  let directory: string;
  let headersFile: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'portcullis-verify-'));
    headersFile = join(directory, 'headers.bin');
    writeFileSync(headersFile, Buffer.concat(headers));
    // A database that is opened or a folder that is made would show: neither can be.
    process.env['PORTCULLIS_DATABASE_URL'] = 'postgresql://nobody@127.0.0.1:1/none';
    process.env['PORTCULLIS_DATA_DIR'] = join(directory, 'data');
  });
  afterAll(() => {
    expect(existsSync(join(directory, 'data'))).toBe(false);
    for (const name of ['DATABASE_URL', 'DATA_DIR']) Reflect.deleteProperty(process.env, `PORTCULLIS_${name}`);
    rmSync(directory, { recursive: true, force: true });
  });

  const verify = async (
    content: Uint8Array | string,
    options: Partial<VerifyCommandOptions> = {},
  ): Promise<Outcome> => {
    const file = join(directory, 'asked');
    writeFileSync(file, content);
    const written: [string[], string[]] = [[], []];
    const streams = ([0, 1] as const).map((index) =>
      jest.spyOn(index === 0 ? process.stdout : process.stderr, 'write').mockImplementation((text) => {
        written[index].push(String(text));
        return true;
      }),
    );
    const said = () => ({ stdout: written[0].join(''), stderr: written[1].join('') });
    try {
      await runVerify(file, { json: false, headers: headersFile, ...options });
      return { exitCode: 0, ...said(), sentence: '' };
    } catch (error) {
      return { exitCode: exitCodeOf(error), ...said(), sentence: (error as Error).message };
    } finally {
      for (const stream of streams) stream.mockRestore();
    }
  };
  const explain = async (content: Uint8Array | string): Promise<Record<string, unknown>> =>
    JSON.parse((await verify(content, { json: true })).stdout) as Record<string, unknown>;

  it('accepts, and tells people why', async () => {
    const { beef, subject } = soundChain();
    const { exitCode, stdout } = await verify(beef);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`ACCEPTED ${subject}\n`);
    const block = readHeader(headers[1] ?? Buffer.alloc(0))?.hash ?? '';
    expect(stdout).toMatch(new RegExp(`^ +proofs +block 1 ${block} OK \\(1 transaction\\)$`, 'mu'));
    expect(stdout).toMatch(/^ +ancestors +3, 2 of them unproven, 3 deep$/mu);
    expect(stdout).toMatch(new RegExp(`^ +${subject} 1 input: 1 by fast paths, 0 by the interpreter$`, 'mu'));
  });

  it('answers programs with one object, whichever way the file is written', async () => {
    const { beef, subject } = soundChain();
    const expected = {
      accepted: true,
      txid: subject,
      ancestors: { count: 3, unproven: 2, depth: 3 },
      proofs: [{ height: 1, root: fundingBlock.root, verdict: 'OK' }],
      plan: null,
    };
    for (const content of [beef, beef.toString('hex'), `${beef.toString('base64')}\n`]) {
      expect(await explain(content)).toMatchObject(expected);
    }
  });

  const refusals: [string, () => Sketch, Record<string, unknown>][] = [
    ['a missing parent', missingParent, { code: 'beef-parent-missing', stage: 'read', input: 1, depth: 2 }],
    ['an inflating ancestor', inflatingAncestor, { code: 'transaction-inflates', stage: 'ancestry', depth: 1 }],
    ['a strange root', strangeRoot, { code: 'proof-root-invalid', stage: 'roots', depth: 3 }],
    ['a bad signature', forgedSignature, { code: 'transaction-script-failed', stage: 'scripts', input: 1, depth: 3 }],
  ];
  it.each(refusals)('refuses %s with its place and exit code 3', async (_, make, expected) => {
    const { beef, subject, culprit } = make();
    expect(await explain(beef)).toMatchObject({ accepted: false, subject, txid: culprit, ...expected });
    const { exitCode, stdout, sentence } = await verify(beef);
    expect([exitCode, sentence]).toEqual([3, expect.stringContaining(String(expected['code']))]);
    expect(stdout).toContain(`REFUSED at ${String(expected['stage'])}: ${String(expected['code'])}\n`);
    expect(stdout).toMatch(new RegExp(`^ +transaction +${culprit}$`, 'mu'));
    expect(stdout).toMatch(/^ +depth +[123] spends? below the subject [0-9a-f]{64}$/mu);
  });

  it.each([true, false])('says how much the headers are worth, whatever the verdict (json: %s)', async (json) => {
    const tip = readHeader(headers[20] ?? Buffer.alloc(0))?.hash ?? '';
    for (const { beef } of [soundChain(), forgedSignature()]) {
      const { stderr } = await verify(beef, { json });
      expect(stderr).toContain(`21 headers, some 2^5 hashes of work, up to 20 ${tip}. Compare this tip`);
    }
  });

  it('needs the header of every proof, and says which it lacks', async () => {
    const outcome = await verify(futureRoot().beef);
    expect([outcome.exitCode, outcome.stdout]).toEqual([5, '']);
    expect(outcome.sentence).toContain(`height 900000 is not in ${headersFile}`);
  });

  it('takes no headers that are not a chain', async () => {
    const broken = Buffer.concat(headers);
    broken.writeUInt8(broken.readUInt8(5 * 80 + 40) ^ 1, 5 * 80 + 40);
    writeFileSync(join(directory, 'broken.bin'), broken);
    const { beef } = soundChain();
    const outcome = await verify(beef, { headers: join(directory, 'broken.bin') });
    expect([outcome.exitCode, outcome.stdout]).toEqual([3, '']);
    expect(outcome.sentence).toMatch(/(proof-of-work|linkage) \(at byte (400|480) of the file\)/u);
    expect((await verify(beef, { headers: join(directory, 'none') })).exitCode).toBe(2);
    expect((await verify(beef, { checkpoint: `0:${'00'.repeat(32)}` })).sentence).toContain('--checkpoint');
  });

  it('says of a raw transaction that there is no proof in it', async () => {
    const transaction = new Transaction();
    transaction.addInput({
      sourceTXID: 'aa'.repeat(32),
      sourceOutputIndex: 0,
      unlockingScript: UnlockingScript.fromHex('51'),
    });
    transaction.addOutput({ satoshis: 5, lockingScript: new P2PKH().lock('1BitcoinEaterAddressDontSendf59kuE') });
    const raw = Uint8Array.from(transaction.toBinary());
    const { exitCode, stdout } = await verify(raw);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^ +detail +a raw transaction: there is no proof in it/mu);
    expect(await explain(raw)).toMatchObject({
      accepted: false,
      txid: transaction.id('hex'),
      depth: 0,
      transaction: { format: 'raw transaction', bytes: raw.length, satoshisPaid: 5, satoshisTaken: null },
      judged: [expect.stringContaining('form')],
    });
  });

  it('judges the scripts of Extended Format against what it claims, and accepts it never', async () => {
    const key = PrivateKey.fromRandom();
    const source = new Transaction(1, [], [{ satoshis: 1_000, lockingScript: new P2PKH().lock(key.toAddress()) }]);
    const transaction = new Transaction();
    transaction.addInput({
      sourceTransaction: source,
      sourceOutputIndex: 0,
      unlockingScriptTemplate: new P2PKH().unlock(key),
      sequence: 0xffffffff,
    });
    transaction.addOutput({ satoshis: 900, lockingScript: new P2PKH().lock(key.toAddress()) });
    await transaction.sign();
    const extended = transaction.toEFUint8Array();
    const txid = transaction.id('hex');
    const format = { format: 'Extended Format', satoshisTaken: 1_000, satoshisPaid: 900 };
    const sound = { code: 'beef-parent-missing', stage: 'read', txid, transaction: format };
    expect(await explain(extended)).toMatchObject({ accepted: false, ...sound });
    expect((await verify(extended)).exitCode).toBe(3);

    // The claimed value is signed over: one satoshi more, and the signature is of another transaction.
    const lie = Buffer.from(extended);
    const claim = lie.indexOf(Buffer.from('e803000000000000', 'hex'));
    lie.writeUInt8(0xe9, claim);
    const failed = { code: 'transaction-script-failed', stage: 'scripts', txid, input: 0 };
    expect(await explain(lie)).toMatchObject({ accepted: false, ...failed });
    lie.writeUInt16LE(800, claim);
    expect(await explain(lie)).toMatchObject({
      accepted: false,
      code: 'transaction-inflates',
      stage: 'ancestry',
      txid,
    });
  });

  it('says of anything else that it is nothing', async () => {
    const nothing = { accepted: false, code: 'beef-malformed', stage: 'read', txid: null, depth: null };
    expect(await explain(Uint8Array.of(7, 0, 1))).toMatchObject(nothing);
    expect(await explain('')).toMatchObject(nothing);
  });

  it('documents its options', () => {
    let help = '';
    const command = createProgram().commands.find((each) => each.name() === 'verify');
    command?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    for (const word of ['--headers', '--checkpoint', '--json', 'Exit codes', 'Extended Format'])
      expect(help).toContain(word);
  });
});
