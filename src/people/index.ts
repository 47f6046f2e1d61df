export { PeopleModule } from './people.module';
export { findBase } from './find-base';
export { PersonSessions, SETUP_ISSUER } from './person-sessions.service';
export { giveSetupLink, type GivenSetupLink } from './setup-links';
export { Setups } from './setups.service';
