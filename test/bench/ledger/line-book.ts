import { median } from '../race';
import { printTable, round, times } from '../report';
import type { Pace } from './drive';
import type { HttpPace } from './race-http';

export interface Line {
  readonly name: string;
  readonly clients: number;
  readonly paces: readonly (Pace | HttpPace)[];
}

export const perSecondOf = ({ paces }: Line): number => median(paces.map(({ perSecond }) => perSecond));

/** What a contender does in one turn. */
export type Contender = readonly [name: string, pace: () => Promise<Pace | HttpPace>];

/** The paces of every contender, by its name and its clients. */
export class LineBook {
  readonly #lines = new Map<string, Line & { paces: (Pace | HttpPace)[] }>();

  /** All of them once, every other round backwards. The first round makes the code hot and does not count. */
  async takeTurns(contenders: readonly Contender[], clients: number, turn: number): Promise<void> {
    for (const [name, pace] of turn % 2 === 0 ? contenders : [...contenders].reverse()) {
      const measured = await pace();
      const key = `${name} ${String(clients)}`;
      const line = this.#lines.get(key) ?? { name, clients, paces: [] };
      this.#lines.set(key, line);
      if (turn > 0) line.paces.push(measured);
    }
  }

  list(): Line[] {
    return [...this.#lines.values()];
  }
}

const isHttp = (pace: Pace | HttpPace | undefined): pace is HttpPace => pace !== undefined && 'cpuMs' in pace;

export const printLines = (title: string, lines: readonly Line[]): void => {
  const baseOf = ({ clients }: Line): number => perSecondOf(lines.find((line) => line.clients === clients) as Line);
  printTable(
    title,
    ['contender', 'clients', 'submissions/s', 'median ms', 'CPU ms of its process', 'over the first'],
    lines.map((line) => [
      line.name,
      String(line.clients),
      perSecondOf(line).toFixed(0),
      median(line.paces.map(({ medianMs }) => medianMs)).toFixed(2),
      isHttp(line.paces[0]) ? median(line.paces.map((pace) => (isHttp(pace) ? pace.cpuMs : 0))).toFixed(2) : '',
      times(perSecondOf(line) / baseOf(line)),
    ]),
  );
};

export const ratioOf = (lines: readonly Line[], over: string, under: string, clients: number): number => {
  const find = (name: string): Line => {
    const line = lines.find((one) => one.name.startsWith(name) && one.clients === clients);
    if (line === undefined) throw new Error(`There is no contender ${name}.`);
    return line;
  };
  return perSecondOf(find(over)) / perSecondOf(find(under));
};

export const record = (lines: readonly Line[]): object[] =>
  lines.map((line) => ({
    name: line.name,
    clients: line.clients,
    perSecond: round(perSecondOf(line)),
    rounds: line.paces.map((pace) => ({
      perSecond: round(pace.perSecond),
      medianMs: round(pace.medianMs, 3),
      slowestMs: round(pace.slowestMs, 3),
      ...(isHttp(pace) && { cpuMs: round(pace.cpuMs, 3) }),
    })),
  }));
