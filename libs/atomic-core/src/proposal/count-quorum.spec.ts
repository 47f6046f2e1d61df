import { countQuorum } from './count-quorum';

const terms = { parties: ['acme', 'bank', 'globex'], needed: 2, proposerKey: 'ann' };
const approval = (identityKey: string, organisation: string) => ({ identityKey, organisation });

describe('a quorum', () => {
  it('counts each organisation once, however many of its members agree', () => {
    const counted = countQuorum(terms, [approval('gil', 'globex'), approval('guy', 'globex')]);
    expect(counted).toEqual({ organisations: ['globex'], others: ['globex'], stands: false });
  });

  it('stands with as many organisations as are needed', () => {
    const counted = countQuorum(terms, [approval('gil', 'globex'), approval('ben', 'bank')]);
    expect(counted).toEqual({ organisations: ['bank', 'globex'], others: ['bank', 'globex'], stands: true });
  });

  it('tells apart what the proposer alone agreed to for its organisation', () => {
    const own = [approval('ann', 'acme'), approval('gil', 'globex')];
    expect(countQuorum(terms, own)).toMatchObject({ organisations: ['acme', 'globex'], others: ['globex'] });
    expect(countQuorum(terms, [...own, approval('bob', 'acme')])).toMatchObject({ others: ['acme', 'globex'] });
  });

  it('hears nobody who is no party', () => {
    expect(countQuorum(terms, [approval('una', 'umbrella'), approval('gil', 'globex')])).toMatchObject({
      organisations: ['globex'],
      stands: false,
    });
  });
});
