import type { Rejection, RejectionCode } from '#atomic-core';
import type { Receipt } from '#ledger';
import { BatchVerdicts } from './batch-verdicts';

const receipt = { auditLeaf: 1, basketsRemoved: [] } as Receipt;
const applied = { kind: 'applied', receipt } as const;
const rejection = (code: RejectionCode): Rejection => ({ code, detail: 'for a reason' });
const request = (key: string, digest = key) => ({ requestKey: key, requestDigest: Buffer.from(digest) });
const codesOf = (verdicts: BatchVerdicts): string[] =>
  verdicts.close().map((verdict) => (verdict.kind === 'refused' ? verdict.rejection.code : verdict.kind));

describe('the verdicts of a batch', () => {
  it('answer a copy as its original: replayed where that was applied, refused where it was refused', () => {
    const verdicts = new BatchVerdicts(5);
    const requests = [request('a'), request('b'), request('a'), request('b'), request('a', 'other')];
    expect(requests.map((each, index) => verdicts.isCopy(index, each))).toEqual([false, false, true, true, false]);
    verdicts.settle(0, applied);
    verdicts.refuse(1, rejection('topic-refused'));
    verdicts.refuse(4, rejection('idempotency-conflict'));
    expect(codesOf(verdicts)).toEqual([
      'applied',
      'topic-refused',
      'replayed',
      'topic-refused',
      'idempotency-conflict',
    ]);
  });

  it('give the first reason to stop to all that is open, and to nothing else', () => {
    const verdicts = new BatchVerdicts(3);
    verdicts.settle(1, applied);
    verdicts.halt(rejection('database-unavailable'));
    verdicts.halt(rejection('shutting-down'));
    expect([verdicts.halted, ...codesOf(verdicts)]).toEqual([
      true,
      'database-unavailable',
      'applied',
      'database-unavailable',
    ]);
  });

  it('withhold what a topic refused while another item could not be judged, and only that', () => {
    const refusing = (third: RejectionCode): string[] => {
      const verdicts = new BatchVerdicts(3);
      verdicts.refuse(0, rejection('topic-refused'));
      verdicts.refuse(1, rejection('outpoint-spent'));
      verdicts.refuse(2, rejection(third));
      return codesOf(verdicts);
    };
    expect(refusing('beef-malformed')).toEqual(['topic-refused', 'outpoint-spent', 'beef-malformed']);
    expect(refusing('verification-busy')).toEqual(['bulk-busy', 'outpoint-spent', 'verification-busy']);
  });

  it('leave no item out', () => {
    expect(() => new BatchVerdicts(1).close()).toThrow('without a verdict');
  });
});
