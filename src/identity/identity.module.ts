import { Module } from '@nestjs/common';
import { gatewayKeysProvider } from './gateway-keys';
import { HANDSHAKE_LIMITS, handshakeLimits } from './handshake-limits';
import { HandshakeController } from './handshake.controller';
import { HandshakeService } from './handshake.service';
import { IdentityController } from './identity.controller';
import { IdentityService } from './identity.service';
import { OrganisationDirectory } from './organisation-directory';
import { SessionPruningRunner } from './session-pruning.runner';

/** Who is calling. `registerIdentity` puts it in front of the routes. */
@Module({
  controllers: [HandshakeController, IdentityController],
  providers: [
    gatewayKeysProvider,
    { provide: HANDSHAKE_LIMITS, useValue: handshakeLimits },
    HandshakeService,
    IdentityService,
    OrganisationDirectory,
    SessionPruningRunner,
  ],
  exports: [gatewayKeysProvider],
})
export class IdentityModule {}
