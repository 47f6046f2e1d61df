import type { PolicyText } from './read-policy-files';

/** What holds where the operator wrote no policies: whoever authenticates may do what the gateway does. */
export const DEFAULT_POLICY: PolicyText = {
  file: 'built in',
  text: '@id("everyone")\npermit (principal, action, resource);\n',
};
