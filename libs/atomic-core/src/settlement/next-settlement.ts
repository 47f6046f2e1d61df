import type { Settlement } from './settlement';

/**
 * What can happen to a transaction after its COMMIT.
 * - `broadcast-accepted`: a broadcaster took it; nobody has said that miners have it.
 * - `seen`: a broadcaster reports it in the mempool of the network.
 * - `mined`: we verified a BUMP against a header of our best chain. A broadcaster's word alone MUST NOT raise this event.
 * - `final`: its block is `finalDepth` deep on our best chain.
 * - `refused`: the network refused it for good. A timeout, a transport fault or a contest is never this event.
 * - `reorged`: its block left our best chain.
 */
export const settlementEvents = ['broadcast-accepted', 'seen', 'mined', 'final', 'refused', 'reorged'] as const;
export type SettlementEvent = (typeof settlementEvents)[number];

/**
 * The state machine, whole. An event that is absent from a row does not move that state, which is what makes duplicated and reordered
 * answers harmless: `seen` after `mined` finds no entry. Three rules are worth their reason:
 * - `refused` moves nothing that is mined: a proof that we checked outweighs any answer. A refusal counts again once the block is reorged away.
 * - `reorged` goes back to `seen`, not `applied`: the network has had the transaction, so it is polled and, if lost, sent again.
 * - `retracted` is the end: its coins were given back and may be spent anew. A transaction that is mined after its retraction needs a person.
 */
const moves: { readonly [S in Settlement]: { readonly [E in SettlementEvent]?: Settlement } } = {
  applied: { 'broadcast-accepted': 'broadcast', seen: 'seen', mined: 'mined', refused: 'retracted' },
  broadcast: { seen: 'seen', mined: 'mined', refused: 'retracted' },
  seen: { mined: 'mined', refused: 'retracted' },
  mined: { final: 'final', reorged: 'seen' },
  final: { reorged: 'seen' },
  retracted: {},
};

/** The settlement after `event`, or undefined when the event does not move `current`. */
export const nextSettlement = (current: Settlement, event: SettlementEvent): Settlement | undefined =>
  moves[current][event];
