import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RejectionCode } from '#atomic-core';
import { encodeBeef } from './corpus/draft';
import type { HostileCase } from './corpus/hostile-case';
import { Random } from './corpus/random';
import { MEDIAN_TIME_PAST, TIP_HEIGHT, buildShape } from './corpus/shapes';
import { signDraft } from './corpus/sign-draft';

/** What the child wrote about one case. */
export interface CaseFigures {
  readonly of: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly code: RejectionCode | 'accepted';
  /** How often each answer was given. */
  readonly codes: Readonly<Record<string, number>>;
  /** Milliseconds of each request. */
  readonly walls: readonly number[];
  /** Processor time of a request, all threads: what it costs whatever else the machine does. */
  readonly cpuMs: number;
  readonly lagMs: number;
  /** What the next honest request was answered, and when. */
  readonly honest: string;
  readonly honestMs: number;
}

/** Threads that had to be killed, and what came after; milliseconds since the kill. */
export interface Replacement {
  readonly workers: number;
  readonly restarts: number;
  readonly replaced: readonly {
    readonly way: 'overruns' | 'outgrows';
    readonly killed: string;
    readonly next: string;
    /** Threads that may work when the next request had its answer. */
    readonly ready: number;
    readonly servedMs: number;
    /** Until a new thread had loaded and passed its test. */
    readonly wholeMs: number;
  }[];
}

/** Megabytes after one round: what the threads hold once they have collected, and what is resident. */
export interface Round {
  readonly heldMb: number;
  readonly residentMb: number;
}

/**
 * What is freed goes back to the system at once. Left to itself, glibc keeps up to forty megabytes of the freed memory of several threads, another part of it at
 * each moment, and a leak of ten would drown in that.
 */
const FREED_AT_ONCE = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

const top = join(__dirname, '..', '..');
const run = promisify(execFile);

/** The corpus as files and a list of them, for a process that can neither compile nor build anything itself. */
export class Measurement {
  readonly folder = mkdtempSync(join(tmpdir(), 'portcullis-hostile-'));

  constructor(cases: readonly (HostileCase & { readonly requests: number })[]) {
    // The build judges, as in production. Of unchanged sources it is there already.
    execFileSync(process.execPath, [join(top, 'ops/build/build.mjs')], { stdio: 'ignore' });
    const { draft, unlocks } = buildShape('consolidation out of one block', new Random(1));
    signDraft(draft, unlocks);
    writeFileSync(join(this.folder, 'honest'), encodeBeef(draft).bytes);
    const written = cases.map(({ of, name, code, requests, build }, index) => {
      const bytes = build();
      writeFileSync(join(this.folder, `case-${index}`), bytes);
      return { of, name, code, requests, sizeBytes: bytes.length, file: `case-${index}` };
    });
    const tip = { height: TIP_HEIGHT, medianTimePast: MEDIAN_TIME_PAST, hash: '0'.repeat(64) };
    writeFileSync(join(this.folder, 'manifest.json'), JSON.stringify({ honest: 'honest', tip, cases: written }));
  }

  /** Of all cases, or only of those with these indices. */
  time(indices: readonly number[] = []): Promise<CaseFigures[]> {
    return this.child<CaseFigures[]>('time', ...indices.map((index) => `case-${index}`));
  }

  async extraMegabytes(index: number): Promise<number> {
    return (await this.child<{ extraMb: number }>('memory', `case-${index}`)).extraMb;
  }

  /** After each round of the whole corpus. */
  async growth(): Promise<readonly Round[]> {
    return (await this.child<{ rounds: readonly Round[] }>('growth')).rounds;
  }

  replacement(): Promise<Replacement> {
    return this.child('replace');
  }

  private async child<T>(...words: readonly string[]): Promise<T> {
    const [mode = '', ...rest] = words;
    const args = ['--expose-gc', join(__dirname, 'measure-child.cjs'), mode, this.folder, ...rest];
    const env = mode === 'growth' ? { ...process.env, ...FREED_AT_ONCE } : process.env;
    const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024, env });
    return JSON.parse(stdout) as T;
  }
}
