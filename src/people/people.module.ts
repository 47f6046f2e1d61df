import { Module } from '@nestjs/common';
import { EgressModule } from '../egress';
import { IdentityModule } from '../identity';
import { PoliciesModule } from '../policies';
import { ClientCertificates } from './client-certificates.service';
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

/** Who comes without a key: people with accounts of an identity provider, machines with certificates. `registerIdentity` is given both ways. */
@Module({
  imports: [EgressModule, IdentityModule, PoliciesModule],
  controllers: [PeopleController, SetupController],
  providers: [
    ClientCertificates,
    IdentityProvider,
    IdentityProviderProbe,
    Logins,
    PagePaths,
    PersonSessionPruningRunner,
    PersonSessions,
    PublicOrigin,
    Setups,
  ],
  exports: [ClientCertificates, Logins, PersonSessions, PublicOrigin, Setups],
})
export class PeopleModule {}
