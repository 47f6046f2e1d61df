import type { ExtensionKind } from './thread-message';

/** An object of somebody else's: nothing is known of it but the names of its methods. */
export type Extension = Readonly<Record<string, unknown>>;
type Callable = (...given: unknown[]) => unknown;
type Constructor = new (...given: unknown[]) => unknown;

/** What `@bsv/overlay` calls on each; documentation and metadata may be missing, as its Engine lets them. */
const METHODS: Readonly<Record<ExtensionKind, readonly string[]>> = {
  topic: ['identifyAdmissibleOutputs'],
  lookup: ['outputAdmittedByTopic', 'lookup'],
};
const NAMES: Readonly<Record<ExtensionKind, string>> = { topic: 'TopicManager', lookup: 'LookupService' };
/** What else shows that an object is no bag of exports. */
const SIGNS = [...METHODS.topic, ...METHODS.lookup, 'outputSpent', 'outputEvicted', 'getDocumentation', 'getMetaData'];
/** A factory may return a factory or a class; more layers than this are a mistake. */
const LAYERS_MAX = 3;

export interface WantedExtension {
  readonly kind: ExtensionKind;
  readonly export?: string | undefined;
  readonly options?: unknown;
}

const isObject = (value: unknown): value is Extension => typeof value === 'object' && value !== null;
const isCallable = (value: unknown): value is Callable => typeof value === 'function';
const isClass = (value: Callable): boolean => /^class\b/u.test(Function.prototype.toString.call(value));

const listMissing = (value: unknown, kind: ExtensionKind): string[] =>
  METHODS[kind].filter((name) => !isCallable((value as Extension | null | undefined)?.[name]));

/** The object itself, a class that makes such objects, or undefined: what a namespace is searched for. */
const isOfKind = (value: unknown, kind: ExtensionKind): boolean => {
  if (isObject(value)) return listMissing(value, kind).length === 0;
  return isCallable(value) && isObject(value.prototype) && listMissing(value.prototype, kind).length === 0;
};

/** The topic manager or lookup service of a module, made from whichever of the usual shapes it exports. Throws a sentence when there is none. */
export async function makeExtension(
  namespace: Readonly<Record<string, unknown>>,
  wanted: WantedExtension,
): Promise<Extension> {
  let value = chooseExport(namespace, wanted);
  const given = wanted.options === undefined ? [] : [wanted.options];
  for (let layer = 0; layer < LAYERS_MAX; layer += 1) {
    value = await value;
    if (isObject(value) && listMissing(value, wanted.kind).length > 0 && value['default'] !== undefined)
      value = value['default'];
    if (isObject(value) || !isCallable(value)) break;
    value = await build(value, wanted.kind, given);
  }
  const missing = isObject(value) ? listMissing(value, wanted.kind) : METHODS[wanted.kind];
  if (missing.length === 0) return value as Extension;
  throw new Error(`what it exports is no ${NAMES[wanted.kind]}: it lacks ${missing.join(' and ')}`);
}

async function build(maker: Callable, kind: ExtensionKind, given: readonly unknown[]): Promise<unknown> {
  const construct = (): unknown => new (maker as unknown as Constructor)(...given);
  const prototype: unknown = maker.prototype;
  if (isClass(maker) || (isObject(prototype) && Object.getOwnPropertyNames(prototype).length > 1)) return construct();
  try {
    const made: unknown = await maker(...given);
    // A constructor of the time before classes says nothing when it is called like a function.
    return made === undefined && isObject(prototype) ? construct() : made;
  } catch (error) {
    if (!(error instanceof TypeError) || !isObject(prototype)) throw error;
    const made = construct();
    if (isObject(made) && listMissing(made, kind).length === 0) return made;
    throw error;
  }
}

function chooseExport(namespace: Readonly<Record<string, unknown>>, wanted: WantedExtension): unknown {
  const spaces = listSpaces(namespace);
  if (wanted.export !== undefined) {
    const name = wanted.export;
    const space = spaces.find((candidate) => candidate[name] !== undefined);
    if (space !== undefined) return space[name];
    throw new Error(`it has no export "${name}"; it exports ${listNames(spaces)}`);
  }
  const [main] = spaces
    .flatMap((space) => ['default', 'module.exports'].map((name) => space[name]))
    .filter((value) => isOfKind(value, wanted.kind) || (isCallable(value) && !isForeign(value, wanted.kind)));
  if (main !== undefined) return main;
  return chooseOnly(spaces, wanted.kind);
}

/** A class of the other kind is no factory of this one. */
const isForeign = (value: Callable, kind: ExtensionKind): boolean =>
  isOfKind(value, kind === 'topic' ? 'lookup' : 'topic');

/** Without a default export: the only one of the kind, else the only function, which then is a factory. */
function chooseOnly(spaces: readonly Extension[], kind: ExtensionKind): unknown {
  const values = new Set(spaces.flatMap((space) => Object.values(space)));
  const ofKind = [...values].filter((value) => isOfKind(value, kind));
  const functions = [...values].filter((value) => isCallable(value) && !isForeign(value, kind));
  const only = ofKind.length > 0 ? ofKind : functions;
  if (only.length === 1) return only[0];
  const why = only.length === 0 ? `no ${NAMES[kind]} is among` : `set "export" to one of`;
  throw new Error(`${why} its exports: ${listNames(spaces)}`);
}

/** The namespace, and what CommonJS and the compilers put between it and the exports: `default`, and the `default` of that. */
function listSpaces(namespace: Readonly<Record<string, unknown>>): Extension[] {
  const spaces: Extension[] = [namespace];
  for (let layer = 0; layer < LAYERS_MAX; layer += 1) {
    const next = spaces.at(-1)?.['default'];
    // An object with methods of theirs is meant to be one, and its methods are no factories.
    if (!isObject(next) || SIGNS.some((name) => name in next)) break;
    spaces.push(next);
  }
  return spaces;
}

function listNames(spaces: readonly Extension[]): string {
  const names = new Set(spaces.flatMap((space) => Object.keys(space)).filter((name) => name !== '__esModule'));
  return names.size === 0 ? 'nothing' : [...names].slice(0, 20).join(', ');
}
