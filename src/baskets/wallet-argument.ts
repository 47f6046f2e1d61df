import type { RejectionCode } from '#atomic-core';
import { RejectionError } from '../ingress';

/** A refusal of one argument of a BRC-100 call: what `WERR_INVALID_PARAMETER` names. */
export class WalletArgumentRefused extends RejectionError {
  constructor(
    readonly parameter: string,
    rejection: { readonly code: RejectionCode; readonly detail: string },
  ) {
    super(rejection);
    this.name = 'WalletArgumentRefused';
  }
}

export const refuseArgument = (parameter: string, detail: string, code: RejectionCode = 'request-malformed'): never => {
  throw new WalletArgumentRefused(parameter, { code, detail });
};
