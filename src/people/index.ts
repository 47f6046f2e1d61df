export { ClientCertificates } from './client-certificates.service';
export { Logins } from './logins.service';
export { PeopleModule } from './people.module';
export { findPublicAddress } from './find-public-address';
export { PersonSessions, SETUP_ISSUER } from './person-sessions.service';
export { giveSetupLink, type GivenSetupLink } from './setup-links';
export { Setups } from './setups.service';
