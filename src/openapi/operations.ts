import type { Operation } from './operation';
import { basketsPaths } from './paths/baskets';
import { batchesPaths } from './paths/batches';
import { callbacksPaths } from './paths/callbacks';
import { certificatesPaths } from './paths/certificates';
import { certifierPaths } from './paths/certifier';
import { gaspPaths } from './paths/gasp';
import { identityPaths } from './paths/identity';
import { inventoryPaths } from './paths/inventory';
import { lookupPaths } from './paths/lookup';
import { offersPaths } from './paths/offers';
import { operationsPaths } from './paths/operations';
import { overlayPaths } from './paths/overlay';
import { accountsPaths } from './paths/accounts';
import { paymentsPaths } from './paths/payments';
import { peoplePaths } from './paths/people';
import { policiesPaths } from './paths/policies';
import { proposalsPaths } from './paths/proposals';
import { reservationsPaths } from './paths/reservations';
import { submissionsPaths } from './paths/submissions';
import { topicsPaths } from './paths/topics';
import { treasuryPaths } from './paths/treasury';
import { trustPaths } from './paths/trust';
import { verificationsPaths } from './paths/verifications';
import { webhooksPaths } from './paths/webhooks';
import { walletPaths } from './paths/wallet';

/** Every route of the roles that answer callers. */
const operations: readonly Operation[] = [
  ...submissionsPaths,
  ...batchesPaths,
  ...proposalsPaths,
  ...verificationsPaths,
  ...lookupPaths,
  ...overlayPaths,
  ...gaspPaths,
  ...topicsPaths,
  ...webhooksPaths,
  ...basketsPaths,
  ...reservationsPaths,
  ...inventoryPaths,
  ...offersPaths,
  ...walletPaths,
  ...identityPaths,
  ...certificatesPaths,
  ...policiesPaths,
  ...trustPaths,
  ...paymentsPaths,
  ...accountsPaths,
  ...treasuryPaths,
  ...peoplePaths,
  ...callbacksPaths,
  ...operationsPaths,
];

/** A gateway that certifies nobody has no routes for it, and says nothing of them. */
export const listOperations = ({ isCertifier }: { readonly isCertifier: boolean }): readonly Operation[] =>
  isCertifier ? [...operations, ...certifierPaths] : operations;
