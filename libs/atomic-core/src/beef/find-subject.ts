import { txidToWire } from '../bytes';
import { countTransactions } from './beef-tape';
import type { ScannedBeef } from './scan-beef';
import type { HashIndex } from './sort-keys';

/** The row of the transaction that a BEEF is about: the one that an Atomic BEEF names, else the last; -1 when it lacks the one it names. */
export const findSubject = ({ atomicSubject, tape }: ScannedBeef, index: HashIndex): number =>
  atomicSubject === undefined ? countTransactions(tape) - 1 : index.find(txidToWire(atomicSubject), 0);
