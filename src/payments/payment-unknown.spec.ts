import { accept, reject } from '#atomic-core';
import { RejectionError } from '../ingress';
import { keepUnknown } from './payment-unknown';

const told = async (work: Parameters<typeof keepUnknown>[1]): Promise<unknown> =>
  keepUnknown('a/b=', work).then(
    (result) => result,
    (error: unknown) => (error instanceof RejectionError ? [error.rejection.code, error.headers] : error),
  );
const UNKNOWN = [
  'payment-unknown',
  { link: '</v1/payments/a%2Fb%3D>; rel="payment-status"', 'x-bsv-payment-status': '/v1/payments/a%2Fb%3D' },
];
const lost = Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' });

describe('while a payment is judged or taken', () => {
  it('what is ours to repair leaves it unknown', async () => {
    for (const code of ['verification-busy', 'chain-unsettled', 'database-unavailable'] as const)
      expect(await told(() => Promise.resolve(reject(code)))).toEqual(UNKNOWN);
    expect(await told(() => Promise.reject(lost))).toEqual(UNKNOWN);
  });

  it('what is the fault of the payment, or of this program, stays what it is', async () => {
    const refused = reject('payment-wrong-key');
    expect(await told(() => Promise.resolve(refused))).toEqual(refused);
    expect(await told(() => Promise.resolve(accept(1)))).toEqual(accept(1));
    const fault = new TypeError('a fault');
    expect(await told(() => Promise.reject(fault))).toBe(fault);
  });
});
