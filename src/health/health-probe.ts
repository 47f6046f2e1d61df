import { DiscoveryService } from '@nestjs/core';

export interface HealthReport {
  readonly ok: boolean;
  /** One sentence for the operator: what is wrong, or the figure that shows it is right. Never a secret, host or query. */
  readonly detail: string;
}

/** One dependency that this process needs to serve. `check` MUST NOT change anything and SHOULD answer within a second. */
export interface HealthProbe {
  readonly name: string;
  check(): Promise<HealthReport>;
}

/** Put on an injectable class that implements HealthProbe: `/health/ready` then asks it. Any module can hold one. */
export const ReadinessProbe = DiscoveryService.createDecorator();
