import { makeOutpoint, type Txid } from '#atomic-core';
import { checkRevocation } from './check-revocation';

const NOW_MS = Date.UTC(2026, 10, 30);
const outpoint = makeOutpoint('ab'.repeat(32) as Txid, 3);
const AGE = { maxAgeMs: 600_000, nowMs: NOW_MS };
type Verdict = Awaited<ReturnType<Parameters<typeof checkRevocation>[2]['find']>>;
const told = (verdict: Verdict) => ({ find: jest.fn(() => Promise.resolve(verdict)) });
const good = (ageMs: number) => told({ state: 'good', asOfMs: NOW_MS - ageMs, source: 'somebody' });

describe('whether a certificate is revoked, at the time of a decision', () => {
  it('is asked for by txid and output number, and by the age that the policy takes', async () => {
    const asked = good(600_000);
    expect(await checkRevocation(outpoint, AGE, asked)).toEqual({
      state: 'good',
      source: 'somebody',
      asOfMs: NOW_MS - 600_000,
    });
    expect(asked.find).toHaveBeenCalledWith({ txid: 'ab'.repeat(32), vout: 3 }, 600_000);
  });

  it('is not known by a source that answers from what it saw too long ago', async () => {
    expect(await checkRevocation(outpoint, AGE, good(600_001))).toMatchObject({ state: 'unknown' });
    const ageless = { maxAgeMs: undefined, nowMs: NOW_MS };
    expect(await checkRevocation(outpoint, ageless, good(9_600_001))).toMatchObject({ state: 'good' });
  });

  it('is told as it is: revoked, or known to nobody', async () => {
    const revoked = told({ state: 'revoked', spenderTxid: 'cd'.repeat(32), source: 'somebody' });
    expect(await checkRevocation(outpoint, AGE, revoked)).toMatchObject({ state: 'revoked', source: 'somebody' });
    const unknown = told({ state: 'unknown', detail: 'nobody', isSilent: true });
    expect(await checkRevocation(outpoint, AGE, unknown)).toMatchObject({ state: 'unknown', source: null });
  });

  it('is asked of nobody where it cannot be revoked', async () => {
    const asked = good(0);
    expect(await checkRevocation(undefined, AGE, asked)).toMatchObject({ state: 'not-revocable' });
    expect(asked.find).not.toHaveBeenCalled();
  });
});
