import { deriveRelaySecrets } from '#atomic-core';
import { loadRelayKeys, printRelayKeys } from '.';

const root = Buffer.alloc(32, 0x5a);
const keys = [{ ...deriveRelaySecrets(root), fromMs: 5, untilMs: undefined }];
const load = (text: string) => loadRelayKeys(() => Promise.resolve(Buffer.from(text)));

describe('what a relay is given in place of the root keys', () => {
  it('comes back as it was printed, and has no octet of a root in it', async () => {
    const printed = printRelayKeys([{ ...keys[0]!, untilMs: 9 }]);
    expect(await load(printed)).toEqual([{ ...keys[0], untilMs: 9 }]);
    expect(await load(printRelayKeys(keys))).toEqual(keys);
    expect(printed).not.toContain(root.toString('hex').slice(0, 16));
  });

  it.each(['', '[]', '{}', '5a'.repeat(32), printRelayKeys(keys).replace('callbackToken', 'token')])(
    'is not %j, and the refusal does not repeat it',
    async (text) => {
      await expect(load(text)).rejects.toThrow(
        'The secret of the key store is not what `portcullis keys relay` prints.',
      );
    },
  );
});
