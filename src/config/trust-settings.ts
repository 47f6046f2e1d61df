import { isOrganisationName } from '#atomic-core';
import { z } from 'zod';
import { described, structured, wholeNumber } from './fields';

const approvals = () => wholeNumber(1, 16);
const organisationName = z.string().refine(isOrganisationName, 'must be the name of an organisation');

/** Who decides which certifiers are trusted. */
export const trustSettings = {
  trustApprovals: described(
    structured(z.union([approvals(), z.record(organisationName, approvals())])).default(1),
    'How many members of an organisation have to agree to a change of whom it trusts; or JSON: organisation → number, 1 for others',
  ),
  operator: described(
    organisationName.optional(),
    'Organisation that runs this gateway: what it trusts is accepted of callers of no organisation here',
    'the one of `PORTCULLIS_ORGANISATIONS`, where it is alone',
  ),
} as const;
