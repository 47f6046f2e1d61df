import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config, type Role } from '../config';

interface Membership {
  readonly organisation: string;
  readonly roles: readonly Role[];
}

const NO_ROLES: readonly Role[] = [];

/** Which organisation an identity acts for, and as what. An identity that the configuration does not name is an organisation of its own, without a role. */
@Injectable()
export class OrganisationDirectory {
  private readonly memberships = new Map<string, Membership>();

  constructor(@Inject(CONFIG) config: Config) {
    for (const [organisation, members] of Object.entries(config.organisations)) {
      for (const { identityKey, roles } of members) this.memberships.set(identityKey, { organisation, roles });
    }
  }

  organisationOf(identityKey: string): string {
    return this.memberships.get(identityKey)?.organisation ?? identityKey;
  }

  rolesOf(identityKey: string): readonly Role[] {
    return this.memberships.get(identityKey)?.roles ?? NO_ROLES;
  }
}
