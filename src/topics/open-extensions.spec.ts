import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodeOf, exitCodes } from '../cli/exit-codes';
import { parseSettings } from '../config';
import { openExtensions, type OpenedExtension } from './open-extensions';

const TOPIC = '{ identifyAdmissibleOutputs: () => ({ outputsToAdmit: [], coinsToRetain: [] }) }';
const LOOKUP = '{ outputAdmittedByTopic() {}, lookup: () => [] }';

/** Every shape that a published one has, and what is none. */
const SHAPES: readonly (readonly [file: string, source: string, entry?: object])[] = [
  ['object.mjs', `export default ${TOPIC};`],
  ['named.mjs', `export const only = ${TOPIC};`],
  ['class.mjs', `export default class { identifyAdmissibleOutputs() {} }`],
  ['factory.mjs', `export default () => (${TOPIC});`],
  ['async-factory.mjs', `export const make = async () => (${TOPIC});`],
  ['beside.mjs', `export class Topic { identifyAdmissibleOutputs() {} } export const lookup = ${LOOKUP};`],
  ['waits.mjs', `const made = await Promise.resolve(${TOPIC}); export { made as default };`],
  [
    'options.mjs',
    `export default class { constructor({ on }) { if (on) this.identifyAdmissibleOutputs = () => {}; } }`,
    { options: { on: true } },
  ],
  ['chosen.mjs', `export const one = ${TOPIC}; export const two = ${TOPIC};`, { export: 'two' }],
  ['object.cjs', `module.exports = ${TOPIC};`],
  ['named.cjs', `exports.topic = ${TOPIC};`],
  [
    'interop.cjs',
    `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = class { identifyAdmissibleOutputs() {} };`,
  ],
  [
    'before-classes.cjs',
    `function Topic() { this.ready = true; } Topic.prototype.identifyAdmissibleOutputs = function () {}; module.exports = Topic;`,
  ],
  ['strict.cjs', `'use strict'; module.exports = function () { this.identifyAdmissibleOutputs = function () {}; };`],
];
const UNFIT: readonly (readonly [file: string, source: string, reason: RegExp])[] = [
  ['throws.mjs', `throw new Error('no key');`, /cannot be hosted: no key\.$/u],
  ['empty.mjs', `export const nothing = 1;`, /no TopicManager is among its exports: nothing\.$/u],
  ['other.mjs', `export default ${LOOKUP};`, /no TopicManager is among its exports/u],
  ['lacks.mjs', `export default { getDocumentation() {} };`, /no TopicManager/u],
  [
    'several.mjs',
    `export const one = ${TOPIC}; export const two = ${TOPIC};`,
    /set "export" to one of its exports: one, two\.$/u,
  ],
  ['broken.mjs', `export default {`, /SyntaxError/u],
  ['imports.mjs', `import 'not-installed-here'; export default ${TOPIC};`, /Cannot find package 'not-installed-here'/u],
  ['exits.mjs', `process.exit(0);`, /ended by itself\.$/u],
];

describe('the extensions of the configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-extensions-'));
  const opened: OpenedExtension[] = [];
  const open = async (entry: object): Promise<OpenedExtension> => {
    const config = parseSettings({ topics: [{ name: 'tm_some', ...entry }] });
    const [extension] = await openExtensions({ config, onLine: () => undefined, onReplaced: () => undefined });
    opened.push(extension as OpenedExtension);
    return extension as OpenedExtension;
  };
  const write = (file: string, source: string): string => {
    writeFileSync(join(folder, file), source);
    return join(folder, file);
  };

  afterEach(() => Promise.all(opened.splice(0).map(({ thread }) => thread.close())));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(SHAPES.map(([file, source, entry]) => ({ file, source, entry })))(
    'are loaded from $file',
    async ({ file, source, entry }) => {
      const { thread } = await open({ module: write(file, source), ...entry });
      expect(thread.isDown).toBe(false);
    },
    30_000,
  );

  it('are loaded from a folder that is a package, by its exports', async () => {
    mkdirSync(join(folder, 'pack', 'lib'), { recursive: true });
    write('pack/package.json', '{"name":"pack","type":"module","exports":{".":{"import":"./lib/index.js"}}}');
    write('pack/lib/index.js', `export default ${TOPIC};`);
    expect((await open({ module: join(folder, 'pack') })).kind).toBe('topic');
  }, 30_000);

  it('give a lookup the modes of the Engine where it names none', async () => {
    const { thread } = await open({ name: 'ls_some', module: write('lookup.mjs', `export default ${LOOKUP};`) });
    expect(thread.traits).toMatchObject({ admissionMode: 'whole-tx', spendNotificationMode: 'none' });
  }, 30_000);

  it.each(UNFIT)(
    'stop the start with one sentence for %s',
    async (file, source, reason) => {
      const module = write(file, source);
      const error: unknown = await open({ module }).catch((fault: unknown) => fault);
      expect(exitCodeOf(error)).toBe(exitCodes.usage);
      const { message } = error as Error;
      expect(message).toMatch(reason);
      expect(message).toContain(`PORTCULLIS_TOPICS names ${module} for tm_some, and it cannot be hosted: `);
      expect(message).not.toContain('\n');
    },
    30_000,
  );

  it('stop the start for what is nowhere, and close those that were loaded', async () => {
    await expect(open({ module: 'no-such-package-of-topics' })).rejects.toThrow('it is in none of');
    await expect(open({ module: './no-such-file.mjs' })).rejects.toThrow('it is in none of');
  }, 30_000);
});
