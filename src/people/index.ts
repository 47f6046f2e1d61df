export { PeopleModule } from './people.module';
export { PersonSessions } from './person-sessions.service';
export { giveSetupLink, type GivenSetupLink } from './setup-links';
export { Setups } from './setups.service';
