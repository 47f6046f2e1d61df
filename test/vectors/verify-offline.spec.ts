import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodeOf } from '../../src/cli/exit-codes';
import { runVerify } from '../../src/cli/run-verify';
import { describeVectors } from './shared-vectors';

interface BlockVectors {
  readonly height: number;
  readonly blockHash: string;
  readonly header: string;
  readonly merkleRoot: string;
  readonly transactions: readonly {
    readonly txid: string;
    readonly rawTx: string;
    readonly extendedFormat: string;
    readonly beef: string;
  }[];
}

describeVectors<BlockVectors>(
  'portcullis verify against the header of mainnet block 948351',
  'block/mainnet-948351.json',
  (block) => {
    const checkpoint = `${String(block.height)}:${block.blockHash}`;
    let directory: string;
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'portcullis-mainnet-'));
      process.env['PORTCULLIS_NETWORK'] = 'mainnet';
    });
    afterAll(() => {
      Reflect.deleteProperty(process.env, 'PORTCULLIS_NETWORK');
      rmSync(directory, { recursive: true, force: true });
    });

    const verify = async (
      hex: string,
      header = Buffer.from(block.header, 'hex'),
    ): Promise<[number, Record<string, unknown>]> => {
      const [asked, headers] = [join(directory, 'asked'), join(directory, 'headers')];
      writeFileSync(asked, hex);
      writeFileSync(headers, header);
      let written = '';
      const stdout = jest
        .spyOn(process.stdout, 'write')
        .mockImplementation((text) => ((written += String(text)), true));
      const stderr = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
      let exitCode = 0;
      try {
        await runVerify(asked, { json: true, headers, checkpoint });
      } catch (error) {
        exitCode = exitCodeOf(error);
      } finally {
        stdout.mockRestore();
        stderr.mockRestore();
      }
      return [exitCode, JSON.parse(written === '' ? '{}' : written) as Record<string, unknown>];
    };

    it.each(block.transactions)('accepts $txid, which the block holds', async ({ txid, beef }) => {
      const [exitCode, verdict] = await verify(beef);
      const proofs = [
        { height: block.height, blockHash: block.blockHash, root: block.merkleRoot, verdict: 'OK', txids: [txid] },
      ];
      expect([exitCode, verdict]).toMatchObject([
        0,
        { accepted: true, txid, subject: { proven: true }, proofs, scripts: [] },
      ]);
    });

    it.each(block.transactions)(
      'finds the scripts of $txid good against what its Extended Format claims',
      async (transaction) => {
        const { txid, extendedFormat, rawTx } = transaction;
        const [exitCode, verdict] = await verify(extendedFormat);
        const sound = {
          accepted: false,
          code: 'beef-parent-missing',
          txid,
          transaction: { format: 'Extended Format' },
        };
        expect([exitCode, verdict]).toMatchObject([3, sound]);
        expect((await verify(rawTx))[1]).toMatchObject({
          code: 'beef-parent-missing',
          txid,
          transaction: { format: 'raw transaction' },
        });
      },
    );

    it('takes no header without its work', async () => {
      const header = Buffer.from(block.header, 'hex');
      header.writeUInt8(header.readUInt8(79) ^ 1, 79);
      expect(await verify(block.transactions[0]?.beef ?? '', header)).toEqual([3, {}]);
    });
  },
);
