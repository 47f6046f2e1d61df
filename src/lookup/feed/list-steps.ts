import type { TopicEvent } from '#ledger';

type Place = TopicEvent['spent'][number];

/** One thing that a service is told; what is half told when a process dies is told again as a whole. */
export type FeedStep =
  | { readonly act: 'spend'; readonly event: TopicEvent; readonly coin: Place }
  /** All that the topic no longer needs when these are spent. */
  | { readonly act: 'release'; readonly event: TopicEvent; readonly coins: readonly Place[] }
  | { readonly act: 'admit'; readonly event: TopicEvent; readonly vout: number }
  /** Taken out of the topic, by the network or by order. */
  | { readonly act: 'withdraw'; readonly event: TopicEvent; readonly vout: number }
  /** A coin whose spender was taken out of the topic. */
  | { readonly act: 'give-back'; readonly event: TopicEvent; readonly coin: Place };

/**
 * What the events of one position say, in the order of the overlay engine: coins, then history, then outputs. Made of the events alone and of nothing that
 * can change, because a cursor counts these steps: a step that need not be told any more is passed over, never left out.
 */
export function listSteps(events: readonly TopicEvent[]): FeedStep[] {
  return events.flatMap((event): FeedStep[] => {
    const { kind, admitted, spent } = event;
    if (kind !== 'applied') {
      return [
        ...admitted.map((vout): FeedStep => ({ act: 'withdraw', event, vout })),
        ...spent.map((coin): FeedStep => ({ act: 'give-back', event, coin })),
      ];
    }
    const own = spent.filter(({ spender }) => spender === undefined);
    // Outputs of this very transaction whose spender came before it.
    const late = spent.filter(({ spender }) => spender !== undefined);
    return [
      ...listSpends(event, own),
      ...admitted.map((vout): FeedStep => ({ act: 'admit', event, vout })),
      ...listSpends(event, late),
    ];
  });
}

function listSpends(event: TopicEvent, coins: readonly Place[]): FeedStep[] {
  if (coins.length === 0) return [];
  return [...coins.map((coin): FeedStep => ({ act: 'spend', event, coin })), { act: 'release', event, coins }];
}
