import { existsSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'];
const BINDING = join(__dirname, '../../../node_modules/pkcs11js/build/Release/pkcs11.node');

/**
 * A suite over SoftHSM and the binding of PKCS#11. Without them it says so and skips; in CI their absence is a failure, so that a green run there always means
 * that it was tried.
 */
export const describeSoftToken = (title: string, body: (library: string) => void): void => {
  const library = LIBRARIES.find((path) => existsSync(path));
  const hasBinding = existsSync(BINDING);
  if (library !== undefined && hasBinding) {
    describe(title, () => body(library));
    return;
  }
  const missing = library === undefined ? 'SoftHSM (apt-get install softhsm2)' : 'its binding (npm run build:pkcs11)';
  if (process.env['CI'] === 'true') throw new Error(`${missing} is missing`);
  process.stderr.write(`SKIPPED: ${title}: ${missing} is missing\n`);
  describe.skip(title, () => it('needs a token', () => undefined));
};
