import { limits, reject, type Result } from '#atomic-core';
import type { CommitInput, CommitOutcome } from '#ledger';
import type { CommitEnd } from './commit-group';
import { FairLine } from './fair-line';
import { measureShare, type GroupShare } from './group-room';

export interface CommitPoolSettings {
  /** Statements that are under way at once. */
  readonly lanes: number;
  /** Asked of each that might join a group, whether it still has room. The first always joins. */
  readonly openRoom: () => (share: GroupShare) => boolean;
  readonly commit: (group: readonly CommitInput[]) => Promise<readonly CommitEnd[]>;
  readonly patienceMs?: number;
}

interface Waiting {
  readonly input: CommitInput;
  readonly share: GroupShare;
  readonly patience: NodeJS.Timeout;
  readonly end: (end: CommitEnd) => void;
}

const BUSY = 'Too many submissions wait for their COMMIT.';
const NO_END: CommitEnd = { status: 'rejected', reason: new Error('A group told of fewer COMMITs than it had.') };

const refused = (value: Result<never>): CommitEnd => ({ status: 'fulfilled', value });

/** Whoever comes while a lane is free goes at once. Whoever comes while none is waits in a short line, and goes with those who wait. */
export class CommitPool {
  readonly #line = new FairLine<Waiting>();
  readonly #running = new Set<Promise<void>>();
  #bytes = 0;
  #isStopping = false;

  constructor(private readonly settings: CommitPoolSettings) {}

  get waiting(): number {
    return this.#line.length;
  }

  async commit(input: CommitInput): Promise<Result<CommitOutcome>> {
    if (this.#isStopping) return reject('shutting-down');
    const share = measureShare(input);
    if (!this.#hasPlace(input.transition.organisation, share)) return reject('verification-busy', BUSY);
    const end = await new Promise<CommitEnd>((settle) => {
      this.#enter(input, share, settle);
      this.#dispatch();
    });
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  }

  /** What is under way ends; what waits is turned away. */
  async close(): Promise<void> {
    this.#isStopping = true;
    this.#bytes = 0;
    for (const { patience, end } of this.#line.clear()) {
      clearTimeout(patience);
      end(refused(reject('shutting-down')));
    }
    await Promise.all(this.#running);
  }

  #hasPlace(organisation: string, { bytes }: GroupShare): boolean {
    if (this.#line.length === 0) return true;
    const own = this.#line.listOf(organisation);
    const ownBytes = own.reduce((sum, { share }) => sum + share.bytes, 0);
    return (
      this.#line.length < limits.COMMIT_LINE_MAX &&
      this.#bytes + bytes <= limits.COMMIT_LINE_BYTES_MAX &&
      own.length < limits.COMMIT_LINE_MAX / 2 &&
      (own.length === 0 || ownBytes + bytes <= limits.COMMIT_LINE_BYTES_MAX / 2)
    );
  }

  #enter(input: CommitInput, share: GroupShare, end: Waiting['end']): void {
    const { organisation } = input.transition;
    const patience = setTimeout(() => {
      this.#line.leave(organisation, waiting);
      this.#bytes -= share.bytes;
      end(refused(reject('verification-busy', BUSY)));
    }, this.settings.patienceMs ?? limits.COMMIT_PATIENCE_MS);
    const waiting: Waiting = { input, share, patience, end };
    this.#line.enter(organisation, waiting);
    this.#bytes += share.bytes;
  }

  #dispatch(): void {
    while (this.#running.size < this.settings.lanes && this.#line.length > 0) {
      const run = this.#run(this.#takeGroup());
      this.#running.add(run);
      void run.then(() => {
        this.#running.delete(run);
        this.#dispatch();
      });
    }
  }

  #takeGroup(): readonly Waiting[] {
    const hasRoom = this.settings.openRoom();
    const group: Waiting[] = [];
    const fits = ({ share }: Waiting): boolean => hasRoom(share) || group.length === 0;
    for (let next = this.#line.next(fits); next !== undefined; next = this.#line.next(fits)) {
      clearTimeout(next.patience);
      this.#bytes -= next.share.bytes;
      group.push(next);
    }
    return group;
  }

  async #run(group: readonly Waiting[]): Promise<void> {
    const [committed] = await Promise.allSettled([this.settings.commit(group.map(({ input }) => input))]);
    for (const [place, { end }] of group.entries()) {
      end(committed.status === 'fulfilled' ? (committed.value[place] ?? NO_END) : committed);
    }
  }
}
