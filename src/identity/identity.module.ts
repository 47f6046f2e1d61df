import { Module } from '@nestjs/common';
import { KeysModule } from '../keys';
import { RatesModule } from '../rates';
import { CertificateExchange } from './certificate-exchange';
import { HANDSHAKE_LIMITS, handshakeLimits } from './handshake-limits';
import { HandshakeController } from './handshake.controller';
import { HandshakeService } from './handshake.service';
import { IdentityController } from './identity.controller';
import { IdentityService } from './identity.service';
import { NonceClaims } from './nonce-claims';
import { OrganisationDirectory } from './organisation-directory';
import { OwnCertificates } from './own-certificates.service';
import { SessionPruningRunner } from './session-pruning.runner';
import { StrangerTurns } from './stranger-turns';

/** Who is calling. `registerIdentity` puts it in front of the routes. */
@Module({
  imports: [KeysModule, RatesModule],
  controllers: [HandshakeController, IdentityController],
  providers: [
    { provide: HANDSHAKE_LIMITS, useValue: handshakeLimits },
    CertificateExchange,
    HandshakeService,
    IdentityService,
    NonceClaims,
    OrganisationDirectory,
    OwnCertificates,
    SessionPruningRunner,
    StrangerTurns,
  ],
  exports: [KeysModule, CertificateExchange, OrganisationDirectory],
})
export class IdentityModule {}
