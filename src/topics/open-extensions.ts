import { dirname, resolve } from 'node:path';
import { ConfigError, type Config } from '../config';
import { ExtensionThread, UnloadableError, type ExtensionKind } from './thread';

type Entry = Config['topics'][number];

export interface OpenedExtension {
  readonly entry: Entry;
  readonly kind: ExtensionKind;
  readonly thread: ExtensionThread;
}

export interface OpenSettings {
  readonly config: Pick<Config, 'topics' | 'topicTimeoutMs' | 'topicMemoryMb'>;
  readonly onLine: (name: string, line: string) => void;
  readonly onReplaced: (name: string, reason: string) => void;
}

/** As many load at once as leave each its time: they read and compile whole SDKs. */
const LOADING_MAX = 4;

/** Every configured extension in a thread of its own, or none: the first that cannot be loaded fails the start with one sentence. */
export async function openExtensions(settings: OpenSettings): Promise<OpenedExtension[]> {
  const waiting = [...settings.config.topics];
  const opened: OpenedExtension[] = [];
  const faults: unknown[] = [];
  const load = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined && faults.length === 0; entry = waiting.shift()) {
      try {
        opened.push(await openExtension(entry, settings));
      } catch (error) {
        faults.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: LOADING_MAX }, load));
  if (faults.length === 0) return opened;
  await Promise.all(opened.map(({ thread }) => thread.close()));
  throw faults[0];
}

async function openExtension(entry: Entry, { config, onLine, onReplaced }: OpenSettings): Promise<OpenedExtension> {
  const { name, module, options } = entry;
  const kind = name.startsWith('tm_') ? 'topic' : 'lookup';
  const { topicTimeoutMs: timeoutMs, topicMemoryMb: memoryMb } = config;
  try {
    const thread = await ExtensionThread.open({
      ...{ name, timeoutMs, memoryMb },
      load: {
        kind,
        module,
        export: entry.export,
        options,
        folders: listFolders(),
        bufferBytesMax: memoryMb * 1024 * 1024,
      },
      onLine: (line) => onLine(name, line),
      onReplaced: (reason) => onReplaced(name, reason),
    });
    return { entry, kind, thread };
  } catch (error) {
    if (!(error instanceof UnloadableError)) throw error;
    throw new ConfigError(`PORTCULLIS_TOPICS names ${module} for ${name}, and it cannot be hosted: ${error.message}.`);
  }
}

/** Where a module is looked for: the working directory, beside the configuration file, and among our own packages. */
function listFolders(): string[] {
  const file = process.env['PORTCULLIS_CONFIG_FILE'];
  const beside = file === undefined || file === '' ? [] : [dirname(resolve(file))];
  return [...new Set([process.cwd(), ...beside, __dirname])];
}
