import type { TopicManager } from '#atomic-core';
import { judgeAdvertisements } from '../read-advertisement';

/** `tm_ship`: who hosts which topic (BRC-88). README.md has the rules. */
export const shipTopic = {
  name: 'tm_ship',
  judge: ({ subject }, coins) => judgeAdvertisements('SHIP', subject, coins),
} as const satisfies TopicManager;
