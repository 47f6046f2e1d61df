import { announceNetwork } from './announce-network';
import { parseSettings, resolveConfig, type SettingsInput } from '../config';

const announce = (settings: SettingsInput): unknown[][] => {
  const write = jest.fn();
  announceNetwork(resolveConfig(parseSettings({ dataDir: '/nowhere', identityKey: '11'.repeat(32), ...settings })), {
    write,
  });
  return write.mock.calls;
};

describe('the network that a gateway is on', () => {
  it('is named once, as a warning, when it is a development network', () => {
    const devnetUrl = 'http://127.0.0.1:8090';
    const message = expect.stringMatching(/development network.*not for production/u);
    expect(announce({ devnetUrl })).toEqual([['warn', message, { network: 'devnet', devnetUrl }]]);
  });

  it('is not spoken of when it is a real one', () => {
    const real = {
      network: 'testnet' as const,
      arcUrl: 'https://arc.invalid',
      headerSources: [{ kind: 'chaintracks' as const, url: 'https://headers.invalid' }],
    };
    expect(announce(real)).toEqual([]);
  });
});
