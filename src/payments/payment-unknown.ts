import { type Rejection, type Result, rejections } from '#atomic-core';
import { RejectionError, isDatabaseOutage } from '../ingress';

/** Where who paid may ask what became of it. In `x-bsv-` too: BRC-104 signs that one, and `AuthFetch` shows its caller no other. */
const STATUS_HEADER = 'x-bsv-payment-status';

export const statusPathOf = (reference: string): string => `/v1/payments/${encodeURIComponent(reference)}`;

/** A payment has come and may be good: its sender is told so, where to ask, and never what it would cost once more. */
export const unknownPayment = (reference: string, cause: Rejection['code']): RejectionError => {
  const path = statusPathOf(reference);
  const detail = `${cause}: ${rejections[cause].sentence} Send the same payment again; where it stands says ${path}.`;
  return new RejectionError(
    { code: 'payment-unknown', detail },
    { headers: { link: `<${path}>; rel="payment-status"`, [STATUS_HEADER]: path } },
  );
};

/** What is ours to repair while a payment is judged or taken leaves it unknown; what is the payment's own stays its refusal. */
export async function keepUnknown<T>(reference: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  let result: Result<T>;
  try {
    result = await work();
  } catch (error) {
    if (isDatabaseOutage(error)) throw unknownPayment(reference, 'database-unavailable');
    throw error;
  }
  if (!result.ok && rejections[result.rejection.code].status === 503)
    throw unknownPayment(reference, result.rejection.code);
  return result;
}
