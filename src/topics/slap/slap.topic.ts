import type { TopicManager } from '#atomic-core';
import { judgeAdvertisements } from '../read-advertisement';

/** `tm_slap`: who answers for which lookup service (BRC-88). README.md has the rules. */
export const slapTopic = {
  name: 'tm_slap',
  judge: ({ subject }, coins) => judgeAdvertisements('SLAP', subject, coins),
} as const satisfies TopicManager;
