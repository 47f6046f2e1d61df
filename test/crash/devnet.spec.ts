import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The process runs the build, as an operator's would; `npm test` builds first.
const MAIN = join(__dirname, '..', '..', 'dist', 'src', 'main.js');

interface State {
  readonly height: number;
  readonly hash: string;
}

let directory: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'portcullis-devnet-crash-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** Started as `portcullis start` starts it: the child sends its URL when it is ready. */
const start = async (): Promise<string> => {
  child = spawn(process.execPath, [MAIN, 'devnet', '--port', '0', '--data-dir', directory], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ url: string }];
  return message.url;
};
const killHard = async (): Promise<void> => {
  const ended = once(child as ChildProcess, 'exit');
  child?.kill('SIGKILL');
  await ended;
};
const order = async (url: string, path: string, body: unknown): Promise<State> =>
  (await (await fetch(`${url}/admin/${path}`, { method: 'POST', body: JSON.stringify(body) })).json()) as State;
const stateOf = async (url: string): Promise<State> => (await (await fetch(`${url}/admin/state`)).json()) as State;

describe('the development network after kill -9', () => {
  it('has every block that it had announced', async () => {
    let url = await start();
    for (let round = 0; round < 3; round += 1) {
      const announced = await order(url, round === 1 ? 'reorg' : 'mine', round === 1 ? { depth: 4 } : { blocks: 5 });
      // Killed in the middle of the next order, which may or may not have been written.
      const unanswered = order(url, 'mine', { blocks: 2000 }).catch(() => undefined);
      await killHard();
      await unanswered;
      url = await start();
      const state = await stateOf(url);
      expect([announced.height, announced.height + 2000]).toContain(state.height);
      const header = await fetch(`${url}/chaintracks/v2/header/height/${announced.height}`);
      expect(((await header.json()) as State).hash).toBe(announced.hash);
    }
  }, 60_000);
});
