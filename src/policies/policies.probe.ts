import { Inject, Injectable } from '@nestjs/common';
import { type HealthProbe, type HealthReport, ReadinessProbe } from '../health';
import { PolicyDecisions } from './policy-decisions.service';

/** Which policies this replica decides by: two replicas that differ are seen here. */
@Injectable()
@ReadinessProbe()
export class PoliciesProbe implements HealthProbe {
  readonly name = 'policies';

  constructor(@Inject(PolicyDecisions) private readonly decisions: PolicyDecisions) {}

  check(): Promise<HealthReport> {
    return Promise.resolve({ ok: true, detail: `version ${this.decisions.engine.version}` });
  }
}
