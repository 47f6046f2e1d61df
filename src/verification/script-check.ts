import {
  type AncestryVerifiedBeef,
  INPUT_ROW,
  listScriptInputs,
  type Result,
  type VerifiedBeef,
  verifyScripts,
} from '#atomic-core';
import type { Metrics } from '../telemetry';
import { askWorker } from './ask-worker';
import type { ScriptVerdicts } from './script-verdicts.service';
import { splitRows } from './split-rows';
import type { VerificationPool } from './verification.pool';
import type { Urgency } from './waiting-line';

export interface ExaminedScripts {
  readonly verified: VerifiedBeef;
  /** By transaction row: 1 where the verdict was remembered. */
  readonly known: Uint8Array;
  /** By input row: 1 where a fast path took it. What is neither was interpreted. */
  readonly accepted: Uint8Array;
}

/** The scripts of a graph whose roots were judged: what is known costs nothing, what is much is shared among the threads that are idle. */
export class ScriptCheck {
  private readonly countInputs: (amount: number, labels: { path: 'known' | 'fast' | 'interpreted' }) => void;
  private readonly countSplit: (amount: number) => void;

  constructor(
    private readonly pool: Pick<VerificationPool, 'run' | 'idle'>,
    private readonly verdicts: Pick<ScriptVerdicts, 'findKnown' | 'remember'>,
    metrics: Pick<Metrics, 'counter'>,
  ) {
    this.countInputs = metrics.counter('script_inputs', 'Inputs whose scripts were accepted, by how');
    this.countSplit = metrics.counter('split_verifications', 'BEEFs whose inputs were shared among workers');
  }

  /** The graph is the caller's no longer: it may go to a worker, and what comes back is the one to use. */
  async verify(ancestry: AncestryVerifiedBeef, urgency: Urgency): Promise<Result<VerifiedBeef>> {
    const examined = await this.examine(ancestry, urgency);
    if (!examined.ok) return examined;
    const { verified, known } = examined.value;
    this.verdicts.remember(verified, known);
    return { ok: true, value: verified };
  }

  /** As `verify`, telling who judged what and remembering nothing: for an advice that changes nothing. */
  async examine(ancestry: AncestryVerifiedBeef, urgency: Urgency): Promise<Result<ExaminedScripts>> {
    const known = await this.verdicts.findKnown(ancestry);
    const rows = listScriptInputs(ancestry, known);
    // Counted now: what goes to a worker is unusable here afterwards.
    const remembered = listScriptInputs(ancestry).length - rows.length;
    const accepted = new Uint8Array(ancestry.tape.inputs.length / INPUT_ROW);
    const undecided = await this.verifyInParts({ ancestry, rows, accepted }, urgency);
    // With nothing left to compute this takes microseconds, so it may run on the main thread; and it alone can say "verified".
    if (undecided > 0) {
      const finished = await this.finish({ ancestry, known, accepted }, urgency);
      if (finished.ok) this.countAccepted(remembered, rows.length - undecided);
      return finished;
    }
    const verified = verifyScripts(ancestry, { known, accepted });
    if (!verified.ok) return verified;
    this.countAccepted(remembered, rows.length);
    return { ok: true, value: { verified: verified.value, known, accepted } };
  }

  /**
   * Marks in `accepted` what a fast path took; returns how many rows nobody decided. A part whose thread dies, is refused or comes too late is not decided:
   * what it would have found is found again in one thread, so the verdict is the same whether and however the rows were shared.
   */
  private async verifyInParts(
    { ancestry, rows, accepted }: { ancestry: AncestryVerifiedBeef; rows: Uint32Array; accepted: Uint8Array },
    urgency: Urgency,
  ): Promise<number> {
    const parts = splitRows(rows, { threads: this.pool.idle, sizeBytes: ancestry.tape.bytes.length });
    if (parts.length < 2) return rows.length;
    this.countSplit(1);
    const ends = await Promise.all(parts.map((part) => this.pool.run({ op: 'fast', ancestry, rows: part }, urgency)));
    let undecided = rows.length;
    for (const [place, end] of ends.entries()) {
      if (end.kind !== 'answered') continue;
      if (end.answer.op === 'fault') throw new Error(`A verification worker failed: ${end.answer.stack}`);
      if (end.answer.op !== 'fast') continue;
      const part = parts[place] ?? new Uint32Array();
      for (const [index, row] of part.entries()) {
        if (end.answer.verdicts[index] !== 1) continue;
        accepted[row] = 1;
        undecided -= 1;
      }
    }
    return undecided;
  }

  private countAccepted(known: number, fast: number): void {
    this.countInputs(known, { path: 'known' });
    this.countInputs(fast, { path: 'fast' });
  }

  private async finish(
    work: { ancestry: AncestryVerifiedBeef; known: Uint8Array; accepted: Uint8Array },
    urgency: Urgency,
  ): Promise<Result<ExaminedScripts>> {
    const limitCode = 'transaction-script-limit';
    const answer = await askWorker(this.pool, { order: { op: 'scripts', ...work }, urgency, limitCode });
    if (!answer.ok) return answer;
    const { verified, accepted, fast, interpreted } = answer.value;
    this.countInputs(fast, { path: 'fast' });
    this.countInputs(interpreted, { path: 'interpreted' });
    return { ok: true, value: { verified, known: work.known, accepted } };
  }
}
