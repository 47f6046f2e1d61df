import { PrivateKey } from '@bsv/sdk';
import { listLookupKeys } from '../read-advertisement';
import { createShipTopic } from './index';

const DOMAIN = 'https://overlay.example.com';
const identityKey = PrivateKey.fromHex('5e'.repeat(32)).toPublicKey().toString();
const stranger = PrivateKey.fromRandom().toPublicKey().toString();
const { manager, lookup: shipLookup, about } = createShipTopic();

describe('ls_ship', () => {
  const advertised = listLookupKeys({ identityKey, domain: DOMAIN, hosted: 'tm_documents' });
  const finds = (keys: readonly string[] | undefined) => keys?.some((key) => advertised.includes(key));

  it('is over the topic that its folder judges, and has a page', () => {
    expect([shipLookup.topic, about.documentation]).toEqual([manager.name, expect.stringContaining('tm_ship')]);
  });

  it.each([
    ['findAll', true],
    [{ findAll: true, limit: 5, skip: 0, sortOrder: 'asc' }, true],
    [{}, true],
    [{ topics: ['tm_other', 'tm_documents'] }, true],
    [{ topics: ['tm_other'] }, false],
    [{ topics: [] }, false],
    [{ topics: [7, 'tm_Documents'] }, false],
    [{ domain: DOMAIN }, true],
    [{ domain: `${DOMAIN}:8443` }, false],
    [{ identityKey }, true],
    [{ identityKey: stranger }, false],
    [{ identityKey: 'me' }, false],
    [{ domain: DOMAIN, topics: ['tm_documents'], identityKey, somethingNew: 1 }, true],
    [{ domain: DOMAIN, topics: ['tm_documents'], identityKey: stranger }, false],
    [{ topics: 'tm_documents' }, undefined],
    [{ topics: Array.from({ length: 65 }, () => 'tm_documents') }, undefined],
    [{ domain: 7 }, undefined],
    [{ identityKey: 7 }, undefined],
    [{ findAll: true, limit: -1 }, undefined],
    [{ skip: 1.5 }, undefined],
    [{ sortOrder: 'random' }, undefined],
    ['find', undefined],
    [null, undefined],
    [['findAll'], undefined],
  ])('ls_ship: %j → %j', (query, found) => {
    expect(finds(shipLookup.readQuery(query))).toBe(found);
  });
});
