import { decodeLeaf, encodeLeaf, hashState, type AuditLeaf } from './encode-leaf';

const leaf: AuditLeaf = {
  decision: 'applied',
  atMs: Date.UTC(2026, 10, 21, 9, 30),
  organisation: 'acme',
  identityKey: `02${'ab'.repeat(32)}`,
  requestId: 'a5d7b1f2-0000-4000-8000-000000000001',
  subject: 'cd'.repeat(32),
  beforeHash: hashState([]),
  afterHash: hashState(['tm_documents admit 0']),
};

describe('encodeLeaf', () => {
  it('writes the same leaf as the same bytes, pinned so that no refactoring moves an old root', () => {
    expect(encodeLeaf(leaf).equals(encodeLeaf({ ...leaf }))).toBe(true);
    const { decision, atMs } = leaf;
    const small: AuditLeaf = {
      decision,
      atMs,
      organisation: 'o',
      identityKey: 'k',
      requestId: 'r',
      subject: 's',
      beforeHash: Buffer.of(1),
      afterHash: Buffer.of(2),
    };
    expect(encodeLeaf(small).toString('hex')).toBe(
      '0101000001a1fd70f1c0000000016f000000016b00000001720000000173' + '00000001010000000102',
    );
  });

  it('keeps neighbouring fields apart', () => {
    const shifted = { ...leaf, organisation: `${leaf.organisation}0`, identityKey: leaf.identityKey.slice(1) };
    expect(encodeLeaf(shifted).equals(encodeLeaf(leaf))).toBe(false);
  });

  it.each(['applied', 'claimed', 'retracted', 'evicted', 'relinquished', 'offered', 'withdrawn'] as const)(
    'reads back a leaf that says %s',
    (decision) => {
      const bytes = encodeLeaf({ ...leaf, decision, organisation: 'Ærø & søn' });
      const read = decodeLeaf(bytes);
      expect(read).toMatchObject({ decision, organisation: 'Ærø & søn', atMs: leaf.atMs, subject: leaf.subject });
      expect(Buffer.from(read?.afterHash ?? []).equals(leaf.afterHash)).toBe(true);
    },
  );

  it('refuses every prefix, a trailing byte, an unknown version and an unknown decision', () => {
    const bytes = encodeLeaf(leaf);
    for (let length = 0; length < bytes.length; length += 1)
      expect(decodeLeaf(bytes.subarray(0, length))).toBeUndefined();
    expect(decodeLeaf(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined();
    expect(decodeLeaf(Buffer.concat([Buffer.of(2), bytes.subarray(1)]))).toBeUndefined();
    expect(decodeLeaf(Buffer.concat([bytes.subarray(0, 1), Buffer.of(99), bytes.subarray(2)]))).toBeUndefined();
  });

  it('refuses text that is not UTF-8, which would read back as another leaf', () => {
    const bytes = encodeLeaf({ ...leaf, organisation: 'xx' });
    bytes.fill(0xff, 14, 16);
    expect(decodeLeaf(bytes)).toBeUndefined();
  });
});

describe('hashState', () => {
  it('does not depend on order, and does on every fact', () => {
    expect(hashState(['a', 'b']).equals(hashState(['b', 'a']))).toBe(true);
    expect(hashState(['a', 'b']).equals(hashState(['ab']))).toBe(false);
    expect(hashState(['a', 'a']).equals(hashState(['a']))).toBe(false);
  });
});
