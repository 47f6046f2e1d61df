import { Module } from '@nestjs/common';
import { EgressModule } from '../egress';
import { IdentityModule } from '../identity';
import { PoliciesModule } from '../policies';
import { IdentityProviderProbe } from './identity-provider.probe';
import { IdentityProvider } from './identity-provider.service';
import { Logins } from './logins.service';
import { PagePaths } from './page-paths.service';
import { PeopleController } from './people.controller';
import { PersonSessionPruningRunner } from './person-session-pruning.runner';
import { PersonSessions } from './person-sessions.service';
import { PublicOrigin } from './public-origin.service';
import { SetupController } from './setup.controller';
import { Setups } from './setups.service';

/** People: operators and auditors with accounts of an identity provider. `registerIdentity` is given their sessions. */
@Module({
  imports: [EgressModule, IdentityModule, PoliciesModule],
  controllers: [PeopleController, SetupController],
  providers: [
    IdentityProvider,
    IdentityProviderProbe,
    Logins,
    PagePaths,
    PersonSessionPruningRunner,
    PersonSessions,
    PublicOrigin,
    Setups,
  ],
  exports: [PersonSessions, PublicOrigin, Setups],
})
export class PeopleModule {}
