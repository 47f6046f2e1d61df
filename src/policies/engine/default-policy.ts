import type { PolicyText } from './read-policy-files';

/**
 * What holds where the operator wrote no policies: whoever authenticates with a key may do what the gateway does. Whoever comes without one has roles, from
 * the identity provider or the configuration, and an auditor does not get to change things because nobody wrote that auditors read.
 */
export const DEFAULT_POLICIES = {
  everyone: '@id("everyone")\npermit (principal is Identity, action, resource);',
  'keyless-read':
    '@id("keyless-read")\npermit (principal, action in Action::"read", resource) unless { principal is Identity };',
  'keyless-write':
    '@id("keyless-write")\npermit (principal, action, resource)\nwhen { principal in [Role::"owner", Role::"operator"] }\nunless { principal is Identity };',
} as const;

export const DEFAULT_POLICY: PolicyText = {
  file: 'built in',
  text: `${Object.values(DEFAULT_POLICIES).join('\n')}\n`,
};
