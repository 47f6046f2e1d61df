import { PrivateKey } from '@bsv/sdk';
import { listLookupKeys } from '../read-advertisement';
import { createSlapTopic } from './index';

const DOMAIN = 'https://overlay.example.com';
const identityKey = PrivateKey.fromHex('5e'.repeat(32)).toPublicKey().toString();
const { manager, lookup: slapLookup, about } = createSlapTopic();

describe('ls_slap', () => {
  const advertised = listLookupKeys({ identityKey, domain: DOMAIN, hosted: 'ls_documents' });

  it('is over the topic that its folder judges, and has a page', () => {
    expect([slapLookup.topic, about.documentation]).toEqual([manager.name, expect.stringContaining('tm_slap')]);
  });

  it.each([
    [{ service: 'ls_documents' }, true],
    [{ service: 'ls_other' }, false],
    [{ service: 'documents' }, false],
    [{ domain: DOMAIN }, true],
    ['findAll', true],
    [{ service: 7 }, undefined],
  ])('ls_slap: %j → %j', (query, found) => {
    expect(slapLookup.readQuery(query)?.some((key) => advertised.includes(key))).toBe(found);
  });
});
