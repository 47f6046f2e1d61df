import { Inject, Injectable } from '@nestjs/common';
import { PolicyDecisions, THIS_GATEWAY } from '../policies';
import { callerFor, type PresentPerson } from './person-sessions.service';

/** Of what a link can open, in the order of the page. */
const READABLE = [
  '/v1/identity',
  '/v1/topics',
  '/v1/baskets',
  '/v1/inventory',
  '/v1/offers',
  '/v1/trust',
  '/v1/trust/changes',
  '/v1/certifications',
];
const OPEN = ['/docs', '/openapi.json', '/health/ready'];

/** What somebody is shown links to: what the policies would let them open. */
@Injectable()
export class PagePaths {
  constructor(@Inject(PolicyDecisions) private readonly decisions: PolicyDecisions) {}

  async list(person: PresentPerson, requestId: string): Promise<readonly string[]> {
    const policies = this.decisions.openFor(callerFor(person, requestId));
    const permitted: string[] = [];
    for (const path of READABLE) {
      const action = `GET ${path}`;
      // Not every gateway has every route.
      if (!this.decisions.engine.actions.has(action)) continue;
      if ((await policies.decide({ action, resource: THIS_GATEWAY })).ok) permitted.push(path);
    }
    return [...permitted, ...OPEN];
  }
}
