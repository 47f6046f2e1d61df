import type { Config } from '../config';
import type { Caller } from '../identity';

type Certifier = NonNullable<Config['certifier']>;
export type CertifiedType = Certifier['types'][number];

/** Throws where none is set: then this module is not there. */
export const certifierOf = ({ certifier }: Pick<Config, 'certifier'>): Certifier => {
  if (certifier === undefined) throw new Error('This gateway is no certifier.');
  return certifier;
};

/** Undefined: there is no such type, or it is not for this caller; which of them is nobody's business. */
export const findCertifiedType = (
  { types }: Certifier,
  type: string,
  { identityKey, organisation }: Pick<Caller, 'identityKey' | 'organisation'>,
): CertifiedType | undefined =>
  types.find(
    (one) => one.type === type && one.askers.some((asker) => ['*', identityKey, organisation].includes(asker)),
  );
