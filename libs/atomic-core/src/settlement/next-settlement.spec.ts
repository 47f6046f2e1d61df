import { nextSettlement, settlementEvents } from './next-settlement';
import type { SettlementEvent } from './next-settlement';
import { settlements } from './settlement';
import type { Settlement } from './settlement';

// Written out a second time on purpose: 6 states x 6 events; `.` is "does not move".
const expected: Record<Settlement, Record<SettlementEvent, Settlement | '.'>> = {
  applied: {
    'broadcast-accepted': 'broadcast',
    seen: 'seen',
    mined: 'mined',
    final: '.',
    refused: 'retracted',
    reorged: '.',
  },
  broadcast: {
    'broadcast-accepted': '.',
    seen: 'seen',
    mined: 'mined',
    final: '.',
    refused: 'retracted',
    reorged: '.',
  },
  seen: { 'broadcast-accepted': '.', seen: '.', mined: 'mined', final: '.', refused: 'retracted', reorged: '.' },
  mined: { 'broadcast-accepted': '.', seen: '.', mined: '.', final: 'final', refused: '.', reorged: 'seen' },
  final: { 'broadcast-accepted': '.', seen: '.', mined: '.', final: '.', refused: '.', reorged: 'seen' },
  retracted: { 'broadcast-accepted': '.', seen: '.', mined: '.', final: '.', refused: '.', reorged: '.' },
};

/** Every settlement that some sequence of the given events reaches from `start`. */
const reach = (start: Settlement, events: readonly SettlementEvent[]): Set<Settlement> => {
  const reached = new Set<Settlement>([start]);
  // A Set visits what is added while it is walked.
  for (const state of reached) {
    for (const event of events) reached.add(nextSettlement(state, event) ?? state);
  }
  return reached;
};

describe('nextSettlement', () => {
  for (const current of settlements) {
    for (const event of settlementEvents) {
      it(`${event} in ${current}: ${expected[current][event]}`, () => {
        expect(nextSettlement(current, event) ?? '.').toBe(expected[current][event]);
      });
    }
  }

  it('reaches every settlement from applied', () => {
    expect(reach('applied', settlementEvents)).toEqual(new Set(settlements));
  });

  it('never retracts without a refusal', () => {
    const others = settlementEvents.filter((event) => event !== 'refused');
    expect(reach('applied', others)).not.toContain('retracted');
  });

  it('never calls a transaction mined on a broadcaster’s word', () => {
    const words: SettlementEvent[] = ['broadcast-accepted', 'seen', 'refused'];
    expect([...reach('applied', words)].sort()).toEqual(['applied', 'broadcast', 'retracted', 'seen']);
  });

  it('ends in the same settlement whatever the order and number of accepted, seen and mined', () => {
    const orders: SettlementEvent[][] = [
      ['broadcast-accepted', 'seen', 'mined'],
      ['mined', 'seen', 'broadcast-accepted'],
      ['seen', 'mined', 'broadcast-accepted', 'mined', 'seen'],
    ];
    for (const events of orders) {
      const last = events.reduce<Settlement>((state, event) => nextSettlement(state, event) ?? state, 'applied');
      expect(last).toBe('mined');
    }
  });

  it('mines again on the new branch after a reorg', () => {
    expect(nextSettlement('seen', 'mined')).toBe('mined');
    expect(reach('final', ['reorged', 'mined'])).toEqual(new Set(['final', 'seen', 'mined']));
  });

  it('leaves a retracted transaction retracted', () => {
    expect(reach('retracted', settlementEvents)).toEqual(new Set(['retracted']));
  });
});
