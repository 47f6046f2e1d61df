import type { Operation } from './operation';
import { batchesPaths } from './paths/batches';
import { callbacksPaths } from './paths/callbacks';
import { identityPaths } from './paths/identity';
import { lookupPaths } from './paths/lookup';
import { operationsPaths } from './paths/operations';
import { submissionsPaths } from './paths/submissions';
import { verificationsPaths } from './paths/verifications';

/** Every route of the roles that answer callers. */
export const operations: readonly Operation[] = [
  ...submissionsPaths,
  ...batchesPaths,
  ...verificationsPaths,
  ...lookupPaths,
  ...identityPaths,
  ...callbacksPaths,
  ...operationsPaths,
];
