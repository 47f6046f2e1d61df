import { isLookupName, isTopicName, readBasketName } from './names';

describe('topic names (BRC-87)', () => {
  it.each(['tm_documents', 'tm_a', 'tm_a_b_c', `tm_${'a'.repeat(47)}`])('takes %s', (name) => {
    expect(isTopicName(name)).toBe(true);
  });
  it.each([
    '',
    'tm_',
    'documents',
    'ls_documents',
    'tm_A',
    'tm_a1',
    'tm__a',
    'tm_a_',
    'tm_a\n',
    ' tm_a',
    'tm_а',
    `tm_${'a'.repeat(48)}`,
  ])('refuses %j', (name) => {
    expect(isTopicName(name)).toBe(false);
  });
  it('keeps lookup services apart', () => {
    expect([isLookupName('ls_documents'), isLookupName('tm_documents')]).toEqual([true, false]);
  });
  it('answers at once for 100 KB made to backtrack', () => {
    const before = process.hrtime.bigint();
    expect(isTopicName(`tm_${'a_'.repeat(50_000)}!`)).toBe(false);
    expect(readBasketName(`${'a '.repeat(50_000)}!`).ok).toBe(false);
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(5);
  });
});

describe('readBasketName (BRC-46)', () => {
  it.each([
    ['orders', 'orders'],
    ['  Orders 2026 ', 'orders 2026'],
    ['a', 'a'],
    ['erp:orders.open-items_1', 'erp:orders.open-items_1'],
    ['My Default', 'my default'],
  ])('reads %j as %j', (text, name) => {
    expect(readBasketName(text)).toEqual({ ok: true, value: name });
  });
  it.each([
    '',
    ' ',
    'default',
    'DEFAULT ',
    'admin',
    'admin x',
    'p x',
    'a  b',
    'a/b',
    '../x',
    'a\u0000',
    '\u212Aelvin',
    'a'.repeat(301),
  ])('refuses %j', (text) => {
    expect(readBasketName(text)).toMatchObject({ ok: false, rejection: { code: 'basket-name-invalid' } });
  });
  it('reads what it wrote as itself', () => {
    const once = readBasketName(' Goods Receipts ');
    expect(once.ok && readBasketName(once.value)).toEqual(once);
  });
});
