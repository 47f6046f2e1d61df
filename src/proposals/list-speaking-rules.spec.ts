import { listSpeakingRules } from './list-speaking-rules';

const rule = (gateway: string, organisation: string) => ({ source: { gateway, organisation } });

describe('whom somebody from outside may speak for', () => {
  it('is an organisation that one gateway vouches for, by any of its rules', () => {
    const rules = [rule('g1', 'globex'), rule('g1', 'globex'), rule('g1', 'bank'), { source: undefined }];
    expect(listSpeakingRules(rules, { acme: [] })).toEqual(rules.slice(0, 3));
  });

  it('is never a tenant of this gateway, whoever is pinned for its name', () => {
    expect(listSpeakingRules([rule('g1', 'acme'), rule('g1', 'globex')], { acme: [] })).toEqual([rule('g1', 'globex')]);
  });

  it('is nobody where two gateways use one name: they would be one party', () => {
    const rules = [rule('g1', 'finance'), rule('g2', 'finance'), rule('g2', 'globex')];
    expect(listSpeakingRules(rules, {})).toEqual([rule('g2', 'globex')]);
  });
});
