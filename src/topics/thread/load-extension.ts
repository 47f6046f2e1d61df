import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { realpathSync } from 'node:fs';
import { lendSdk } from './lend-sdk';
import { findModule, importFrom } from './find-module';
import { makeExtension, type Extension } from './make-extension';
import {
  admissionModes,
  spendNotificationModes,
  type AdmissionMode,
  type ExtensionTraits,
  type LoadOrder,
  type SpendNotificationMode,
} from './thread-message';

type MakeScript = (octets: Uint8Array) => unknown;

/** Script objects of the SDK that the extension itself works with, so that its `instanceof` holds. */
export interface ScriptMakers {
  readonly locking: MakeScript;
  readonly unlocking: MakeScript;
}

export interface LoadedExtension {
  readonly extension: Extension;
  readonly traits: ExtensionTraits;
  readonly scripts: ScriptMakers;
}

interface ScriptClass {
  readonly prototype: object;
  readonly fromBinary: (octets: number[]) => object;
}

interface Sdk {
  readonly LockingScript: ScriptClass;
  readonly UnlockingScript: ScriptClass;
}

/** `fromBinary`, which keeps the very bytes, makes a plain Script of either class. */
const makeScript = (kind: ScriptClass, octets: Uint8Array): unknown =>
  Object.setPrototypeOf(kind.fromBinary([...octets]), kind.prototype);

export async function loadExtension(order: LoadOrder): Promise<LoadedExtension> {
  lendSdk(order);
  const { namespace, folder } = await findModule(order.module, order.folders);
  const extension = await makeExtension(namespace, order);
  const { LockingScript, UnlockingScript } = await findSdk(folder);
  return {
    extension,
    traits: readTraits(extension, order),
    scripts: {
      locking: (octets) => makeScript(LockingScript, octets),
      unlocking: (octets) => makeScript(UnlockingScript, octets),
    },
  };
}

/** Of two copies of the SDK in one package, one for `import` and one for `require`, the one that the package took; ours where it has none. */
async function findSdk(folder: string): Promise<Sdk> {
  const name = '@bsv/sdk';
  const requireThere = createRequire(join(folder, 'portcullis-topics.js'));
  try {
    if (isRequired(folder, requireThere)) return requireThere(name) as Sdk;
    return (await importFrom(folder)(name)) as unknown as Sdk;
  } catch {
    return import('@bsv/sdk');
  }
}

/** Whether the modules of this folder are CommonJS: only those are in the cache of `require`. */
function isRequired(folder: string, requireThere: NodeJS.Require): boolean {
  const inside = realpathSync(folder) + sep;
  return Object.keys(requireThere.cache).some(
    (file) => file.startsWith(inside) && !file.slice(inside.length).startsWith(`node_modules${sep}`),
  );
}

/** The modes as the Engine of `@bsv/overlay` takes them where a service names none: its last branches. */
function readTraits(extension: Extension, { kind }: LoadOrder): ExtensionTraits {
  const { admissionMode = 'whole-tx', spendNotificationMode = 'none', identifyNeededInputs } = extension;
  if (kind === 'lookup' && !(admissionModes as readonly unknown[]).includes(admissionMode))
    throw new Error(`its admissionMode is none of ${admissionModes.join(', ')}`);
  if (kind === 'lookup' && !(spendNotificationModes as readonly unknown[]).includes(spendNotificationMode))
    throw new Error(`its spendNotificationMode is none of ${spendNotificationModes.join(', ')}`);
  return {
    admissionMode: admissionMode as AdmissionMode,
    spendNotificationMode: spendNotificationMode as SpendNotificationMode,
    knowsNeededInputs: typeof identifyNeededInputs === 'function',
  };
}
