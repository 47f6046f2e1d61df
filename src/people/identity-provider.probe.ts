import { Inject, Injectable } from '@nestjs/common';
import { type HealthProbe, type HealthReport, ReadinessProbe } from '../health';
import { IdentityProvider } from './identity-provider.service';

/** Whether people can log in. A gateway whose provider is down serves everybody else, and whoever is logged in: it is ready all the same, and says so here. */
@Injectable()
@ReadinessProbe()
export class IdentityProviderProbe implements HealthProbe {
  readonly name = 'people';

  constructor(@Inject(IdentityProvider) private readonly provider: IdentityProvider) {}

  check(): Promise<HealthReport> {
    return Promise.resolve({ ok: true, detail: this.describe() });
  }

  private describe(): string {
    if (!this.provider.isConfigured) return 'no identity provider is set';
    const { isAnswering } = this.provider;
    if (isAnswering === undefined) return 'the identity provider was not asked yet';
    return isAnswering ? 'the identity provider answers' : 'the identity provider does not answer; nobody can log in';
  }
}
