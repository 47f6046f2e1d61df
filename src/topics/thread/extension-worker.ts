import { parentPort, type MessagePort } from 'node:worker_threads';
import { carryOut } from './carry-out';
import { loadExtension, type LoadedExtension } from './load-extension';
import { sayError } from './say-error';
import type { ThreadOpening, ThreadOrder, ThreadReport } from './thread-message';
import { Selectors } from './write-formula';

const MEMORY_LOOK_MS = 200;

/** The thread of one extension: loads it once, then does what it is told until it is ended. */
async function serve({ port, load }: ThreadOpening): Promise<void> {
  const report = (message: ThreadReport): void => port.postMessage(message);
  watchBuffers(load.bufferBytesMax, () => report({ is: 'outgrown' }));
  // A promise of an earlier call that fails with nobody waiting for it harms nobody; Node would end the thread, and what it has in memory.
  process.on('unhandledRejection', (reason) => {
    process.stderr.write(`a promise was rejected and nobody waited for it: ${sayError(reason)}\n`);
  });
  let loaded: LoadedExtension & { readonly selectors: Selectors };
  try {
    loaded = { ...(await loadExtension(load)), selectors: new Selectors() };
  } catch (error) {
    return report({ is: 'unloadable', reason: sayError(error) });
  }
  port.on('message', (order: ThreadOrder) => obey(loaded, port, order));
  report({ is: 'ready', traits: loaded.traits });
}

function obey(
  loaded: LoadedExtension & { readonly selectors: Selectors },
  port: MessagePort,
  order: ThreadOrder,
): void {
  const report = (message: ThreadReport): void => port.postMessage(message);
  if (order.is === 'ping') return report({ is: 'pong' });
  if (order.is === 'forget') return loaded.selectors.forget(order.selectors);
  const { id, call } = order;
  report({ is: 'began', id });
  // `carryOut` is async: a method that throws at once ends here like one that rejects.
  carryOut(loaded, call).then(
    (value) => report({ is: 'answered', id, value }),
    (error: unknown) => report({ is: 'failed', id, reason: sayError(error) }),
  );
}

/** V8 limits the heap of a thread and not its buffers. A thread that does not let its timers run is watched from outside. */
function watchBuffers(bytesMax: number, onOutgrown: () => void): void {
  const timer = setInterval(() => {
    if (process.memoryUsage().arrayBuffers <= bytesMax) return;
    onOutgrown();
    process.exit(1);
  }, MEMORY_LOOK_MS);
  timer.unref();
}

const door = parentPort;
if (door === null) throw new Error('The host of an extension runs in a worker thread only.');
door.once('message', (opening: ThreadOpening) => {
  // Extensions can reach this port and not the other one: what they would post over it goes nowhere.
  door.close();
  void serve(opening);
});
