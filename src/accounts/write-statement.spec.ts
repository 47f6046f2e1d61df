import type { AccountEntry } from '#ledger';
import { writeStatement } from './write-statement';

const entry: AccountEntry = {
  ...{ seq: 1, kind: 'draw', satoshis: -200, owed: 0, balance: 300, debt: 0, key: 'draw:1', identityKey: '02ab' },
  ...{ plan: 'standard@1', method: 'GET', path: '/v1/x', auditLeaf: 7, at: new Date('2026-12-01T00:00:00Z') },
};

describe('a statement', () => {
  it('has a line of names and one for each entry', () => {
    expect(writeStatement([entry])).toBe(
      'seq,at,kind,satoshis,owed,balance,debt,plan,method,path,identityKey,key,auditLeaf\r\n' +
        '1,2026-12-01T00:00:00.000Z,draw,-200,0,300,0,standard@1,GET,/v1/x,02ab,draw:1,7\r\n',
    );
  });

  it('quotes what would break a line and disarms what a spreadsheet would run', () => {
    const line = writeStatement([{ ...entry, plan: null, method: '=1+1', path: '/v1/"a",b' }]).split('\r\n')[1];
    expect(line).toContain(`,,'=1+1,"/v1/""a"",b",`);
  });
});
