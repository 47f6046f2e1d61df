import { type Command, InvalidArgumentError } from 'commander';
import type { RotateOptions } from './run-keys';

const KEYS_NOTES = `
The store is that of PORTCULLIS_KEY_STORE (or PORTCULLIS_IDENTITY_KEY, which can only be shown). No command prints a private key.
rotate adds a key. Processes read the store when they start: plan it far enough ahead (--starts-in) that all of them are restarted before it starts.
From then on new sessions are opened under it; sessions, quotes and data under the key before count until --overlap later.
Ended keys stay in the store: what was paid to them can be spent with them alone.`;

const CERTIFY_NOTES = `
Reads {subject, type, fields: {name: value}, revocationOutpoint?, serialNumber?} as JSON from the standard input and prints the certificate with its
master keyring, which is for the subject alone. Without revocationOutpoint (<txid>.<vout>) it cannot be revoked.`;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function readDuration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/u.exec(text) ?? [];
  const unitMs = UNITS[unit];
  if (unitMs === undefined) throw new InvalidArgumentError('It must be a duration such as 30m, 24h or 7d.');
  return Number(count) * unitMs;
}

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description("the gateway's own keys")
    .addHelpText('after', KEYS_NOTES)
    .exitOverride();
  const add = (name: string, description: string): Command =>
    keys.command(name).description(description).option('--json', 'answer in JSON', false).exitOverride();
  add('create', 'make the first key in an empty store').action(async (options: { json: boolean }) => {
    const { runKeysCreate } = await import('./run-keys.js');
    await runKeysCreate(options);
  });
  add('import', 'store a key that is there already: 64 hex digits on the standard input').action(
    async (options: { json: boolean }) => {
      const { runKeysImport } = await import('./run-keys.js');
      await runKeysImport(options);
    },
  );
  add('show', 'list public keys and the times in which they count').action(async (options: { json: boolean }) => {
    const { runKeysShow } = await import('./run-keys.js');
    await runKeysShow(options);
  });
  add('rotate', 'add a key that takes over from the present one')
    .option('--starts-in <duration>', 'when it takes over', readDuration, 0)
    .option('--overlap <duration>', 'how long the present one counts after that', readDuration, 86_400_000)
    .action(async (options: RotateOptions) => {
      const { runKeysRotate } = await import('./run-keys.js');
      await runKeysRotate(options);
    });
  add('certify', 'issue a certificate (BRC-52) with the present key')
    .addHelpText('after', CERTIFY_NOTES)
    .action(async (options: { json: boolean }) => {
      const { runKeysCertify } = await import('./run-keys-certify.js');
      await runKeysCertify(options);
    });
  keys
    .command('relay')
    .description(
      'print what a process of the role relay needs in place of the keys: a secret, but no key follows from it',
    )
    .exitOverride()
    .action(async () => {
      const { runKeysRelay } = await import('./run-keys.js');
      await runKeysRelay();
    });
}
