import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config';

/** Which organisation an identity acts for. An identity that the configuration does not name is an organisation of its own. */
@Injectable()
export class OrganisationDirectory {
  private readonly names = new Map<string, string>();

  constructor(@Inject(CONFIG) config: Config) {
    for (const [name, identityKeys] of Object.entries(config.organisations)) {
      for (const identityKey of identityKeys) this.names.set(identityKey, name);
    }
  }

  organisationOf(identityKey: string): string {
    return this.names.get(identityKey) ?? identityKey;
  }
}
