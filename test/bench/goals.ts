import { percent, round, times } from './report';

/** One line of what was promised. Ratios of one run and one process; a share is a part of 1. */
export interface Goal {
  readonly name: string;
  readonly unit: 'times' | 'share' | 'factor' | 'ms';
  /** Missing it fails the run. */
  readonly gate: number;
  /** What is published. */
  readonly goal: number;
}

/** A `factor` and `ms` are costs that must stay below; everything else must be reached. */
export const goals = {
  chain1: { name: 'verify chain1, against the SDK', unit: 'times', gate: 22, goal: 30 },
  chain10: { name: 'verify chain10, against the SDK', unit: 'times', gate: 25, goal: 35 },
  chain100: { name: 'verify chain100, against the SDK', unit: 'times', gate: 25, goal: 35 },
  wide100: { name: 'verify wide100, against the SDK', unit: 'times', gate: 25, goal: 35 },
  consol1000: { name: 'verify consol1000, against the SDK', unit: 'times', gate: 55, goal: 70 },
  share: { name: 'signatures, share of the bare native library (wide100)', unit: 'share', gate: 0.75, goal: 0.9 },
  inputs: { name: 'cost of a signature, 1,000 inputs over 100', unit: 'factor', gate: 1.1, goal: 1.1 },
  workers: { name: 'two workers over one (least of chain10 and above)', unit: 'times', gate: 1.7, goal: 1.9 },
  parse: { name: 'parse + ids + roots, against the SDK (least)', unit: 'times', gate: 12, goal: 12 },
  ef: { name: 'Extended Format, against the SDK (least)', unit: 'times', gate: 12, goal: 12 },
  known: { name: 'everything known, chain100, against the SDK', unit: 'times', gate: 500, goal: 500 },
} as const satisfies Record<string, Goal>;

/** Of committed submissions, against `@bsv/overlay` on the same PostgreSQL. The gateway commits who waits together (ops/decisions/0040). The whole path is judged with ten unproven transactions in each BEEF (PERFORMANCE T15). */
export const ledgerGoals = {
  ledger1: {
    name: 'ledger alone, as the gateway commits, over overlay submit, one client',
    unit: 'times',
    gate: 4,
    goal: 8,
  },
  ledger16: {
    name: 'ledger alone, as the gateway commits, over overlay submit, sixteen clients',
    unit: 'times',
    gate: 4,
    goal: 8,
  },
  path1: {
    name: 'whole authenticated path, chain of ten, over overlay behind the stock middleware, one client',
    unit: 'times',
    gate: 8,
    goal: 15,
  },
  path16: {
    name: 'whole authenticated path, chain of ten, over overlay behind the stock middleware, sixteen clients',
    unit: 'times',
    gate: 8,
    goal: 15,
  },
  flat: { name: 'cost of a COMMIT, 10^6 admitted outputs over 10^4', unit: 'factor', gate: 1.3, goal: 1.3 },
} as const satisfies Record<string, Goal>;

/** Of one authenticated request, by the CPU of its server; and of one that proves nothing. */
export const authGoals = {
  served: { name: 'authenticated request, against the stock middleware', unit: 'times', gate: 7, goal: 10 },
  nothing: { name: 'request without authentication', unit: 'ms', gate: 0.3, goal: 0.3 },
  forged: { name: 'request for a session that is not ours', unit: 'ms', gate: 0.3, goal: 0.3 },
} as const satisfies Record<string, Goal>;

export type GoalName = keyof typeof goals;
export type Measures = Partial<Record<GoalName, number>>;

export interface GoalVerdict extends Goal {
  readonly measured: number;
  readonly verdict: 'goal reached' | 'gate held, goal missed' | 'GATE MISSED';
}

const holds = ({ unit }: Goal, measured: number, bar: number): boolean =>
  unit === 'factor' || unit === 'ms' ? measured <= bar : measured >= bar;

export const judgeGoals = (measures: Measures): GoalVerdict[] => judge(goals, measures);

export const judge = <Name extends string>(
  promised: Readonly<Record<Name, Goal>>,
  measures: Partial<Readonly<Record<Name, number>>>,
): GoalVerdict[] =>
  (Object.keys(promised) as Name[]).flatMap((key) => {
    const measured = measures[key];
    if (measured === undefined) return [];
    const goal: Goal = promised[key];
    const held = holds(goal, measured, goal.gate) ? 'gate held, goal missed' : 'GATE MISSED';
    const verdict = holds(goal, measured, goal.goal) ? 'goal reached' : held;
    return [{ ...goal, measured: round(measured, 3), verdict }];
  });

export const printMeasure = ({ unit }: Goal, value: number): string => {
  if (unit === 'share') return percent(value);
  if (unit === 'ms') return `${value.toFixed(2)} ms`;
  return unit === 'factor' ? value.toFixed(2) : times(value);
};
