import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { describeError } from './describe-error';
import { CommandError, exitCodeOf, exitCodes } from './exit-codes';

const describeFully = (error: unknown): [number, string] => [
  exitCodeOf(error),
  describeError(error, exitCodeOf(error)),
];

describe('what the binary says when it cannot go on', () => {
  it('names the port that is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const error = await new Promise((resolve) => {
      const second = createServer();
      second.once('error', resolve);
      second.listen(port, '127.0.0.1');
    });
    await new Promise((resolve) => taken.close(resolve));
    const sentence = `127.0.0.1:${port} is in use by another program; choose another address or port.`;
    expect(describeFully(error)).toEqual([exitCodes.usage, sentence]);
  });

  it('says that it is the database that does not answer', async () => {
    const error: unknown = await new Client('postgresql://127.0.0.1:1/none').connect().catch((fault: unknown) => fault);
    const sentence = 'The database cannot be reached: connect ECONNREFUSED 127.0.0.1:1.';
    expect(describeFully(error)).toEqual([exitCodes.unavailable, sentence]);
  });

  it('is one sentence where we wrote one, and keeps the trace of a fault of ours', () => {
    expect(describeFully(new CommandError(exitCodes.fault, 'It ended.'))).toEqual([exitCodes.fault, 'It ended.']);
    expect(describeFully(new TypeError('x is undefined'))[1]).toMatch(/^TypeError: x is undefined\n {4}at /u);
  });
});
