import { joinGrants, keepKnown, readClaim } from './read-grants';
import { readReturnTo } from './read-return-to';

const grants = {
  auditors: { organisation: 'acme', roles: ['auditor' as const] },
  admins: { organisation: 'acme', roles: ['operator' as const, 'auditor' as const] },
  guests: { organisation: 'globex', roles: ['auditor' as const] },
};

describe('the claim that roles come from', () => {
  it.each<[string, object, string, string[]]>([
    ['a list', { roles: ['a', 'b'] }, 'roles', ['a', 'b']],
    ['one word', { roles: 'a' }, 'roles', ['a']],
    ['in an object', { realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
    ['by a name with dots', { 'https://acme.example/roles': ['a'] }, 'https://acme.example/roles', ['a']],
    ['none', {}, 'roles', []],
    ['what is no text', { roles: [1, null, { a: 1 }, ['a'], 'b'] }, 'roles', ['b']],
    ['what every object has', { roles: {} }, 'roles.constructor.name', []],
    ['an item of a list', { roles: ['a'] }, 'roles.0', []],
  ])('is read: %s', (_name, claims, claim, values) => {
    expect(readClaim(claims, claim)).toEqual(values);
  });

  it('gives what the configuration says of each value, together', () => {
    expect(joinGrants(['auditors', 'admins', 'nobody'], grants)).toEqual({
      organisation: 'acme',
      roles: ['auditor', 'operator'],
    });
    expect(keepKnown(['auditors', 'auditors', 'toString'], grants)).toEqual(['auditors']);
  });

  it('gives nothing for two organisations, for nothing known, and for the names of every object', () => {
    for (const values of [['auditors', 'guests'], ['nobody'], [], ['constructor', '__proto__']])
      expect(joinGrants(values, grants)).toBeUndefined();
  });
});

it.each([
  ['/v1/trust?at=x#y', '/v1/trust?at=x'],
  ['/people', '/people'],
  ['/v1/../docs', '/docs'],
  ['//evil.example', '/people'],
  ['/\\evil.example', '/people'],
  ['/a\\b', '/people'],
  ['/.//evil.example', '/people'],
  ['/%2e//evil.example', '/people'],
  ['/a/..//evil.example', '/people'],
  ['/\tx', '/people'],
  ['https://evil.example/', '/people'],
  ['people', '/people'],
  ['', '/people'],
  [undefined, '/people'],
  [['/a', '/b'], '/people'],
  [`/${'a'.repeat(2_000)}`, '/people'],
])('returns %s to %s', (asked, path) => {
  expect(readReturnTo(asked)).toBe(path);
});
