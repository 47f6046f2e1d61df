import type { AuthSession } from '#atomic-core';
import { RecentSessions } from './recent-sessions';

const make = (sessionNonce: string): AuthSession => ({
  sessionNonce,
  identityKey: 'k',
  peerNonce: `of ${sessionNonce}`,
});

describe('RecentSessions', () => {
  it('gives what was agreed on, and nothing else of what it was given', () => {
    const recent = new RecentSessions(2);
    const stored = { ...make('a'), expiresAt: new Date(0) };
    recent.add(stored);
    expect(recent.find('a')).toEqual(make('a'));
    expect(recent.find('b')).toBeUndefined();
  });

  it('forgets the one that nobody used for longest, and never holds more than its number', () => {
    const recent = new RecentSessions(2);
    for (const nonce of ['a', 'b']) recent.add(make(nonce));
    recent.find('a');
    recent.add(make('c'));
    expect(['a', 'b', 'c'].map((nonce) => recent.find(nonce) !== undefined)).toEqual([true, false, true]);
    expect(recent.size).toBe(2);
  });

  it('forgets one that has ended', () => {
    const recent = new RecentSessions(2);
    recent.add(make('a'));
    recent.forget('a');
    expect(recent.find('a')).toBeUndefined();
  });
});
