import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { RawCaller, type RawRequest } from '../../contract/raw-caller';
import { authGoals, judge, printMeasure } from '../goals';
import { startChild, type Child } from '../ledger/child';
import { openServer } from '../ledger/open-server';
import { REGISTER, startGateway, timeRequests } from '../ledger/race-http';
import { describeMachine } from '../machine';
import { median } from '../race';
import { announce, print, printTable, round, writeResult } from '../report';
import { AUTH_HELP, readAuthOptions, type AuthOptions } from './options';

const CLIENTS = 8;
/** Enough for the compiler of either process. */
const WARMING = 600;
const ASKED: RawRequest = { method: 'GET', url: '/v1/identity' };

type Name = 'stock' | 'gateway' | 'nothing' | 'forged';
const NAMES: Readonly<Record<Name, string>> = {
  stock: 'stock middleware, ProtoWallet, Express: served',
  gateway: 'gateway: served',
  nothing: 'gateway: no authentication at all, refused',
  forged: 'gateway: a session that is not ours, refused',
};

const repeat = <Item>(count: number, make: () => Item): Item[] => Array.from({ length: count }, make);

const signAll = async (caller: RawCaller, count: number): Promise<RawRequest[]> => {
  const signed: RawRequest[] = [];
  for (let at = 0; at < count; at += 1) signed.push(await caller.sign(ASKED));
  return signed;
};

/** Well-formed in every header, for a session whose nonce nobody here made. */
const forge = ({ headers, ...request }: RawRequest): RawRequest => ({
  ...request,
  headers: { ...headers, 'x-bsv-auth-your-nonce': randomBytes(48).toString('base64') },
});

type Turn = (count: number) => Promise<number>;

/** What one request costs its server: milliseconds of CPU of its process, all threads. */
const openTurns = async (gateway: Child, stock: Child): Promise<Readonly<Record<Name, Turn>>> => {
  const open = (child: Child): Promise<RawCaller> =>
    RawCaller.open(child.origin, new ProtoWallet(PrivateKey.fromRandom()));
  const [ours, theirs] = [await open(gateway), await open(stock)];
  const sample = await ours.sign(ASKED);
  const time = async (child: Child, requests: readonly RawRequest[], status: number): Promise<number> =>
    (await timeRequests(child, requests, { clients: CLIENTS, isRight: (answer) => answer.status === status })).cpuMs;
  return {
    stock: async (count) => time(stock, await signAll(theirs, count), 200),
    gateway: async (count) => time(gateway, await signAll(ours, count), 200),
    // One tick of the process's clock is ten milliseconds: what costs little is asked often.
    nothing: (count) =>
      time(
        gateway,
        repeat(4 * count, () => ASKED),
        401,
      ),
    forged: (count) =>
      time(
        gateway,
        repeat(4 * count, () => forge(sample)),
        401,
      ),
  };
};

const raceAuth = async ({ count, rounds }: AuthOptions): Promise<Record<Name, number[]>> => {
  const server = await openServer();
  const { url } = await server.createLedger('auth', 2);
  const gateway = await startGateway(url, server.folder);
  const stock = await startChild(['--require', REGISTER, join(__dirname, 'stock-server.ts')], {}, /port (\d+)/u);
  try {
    const turns = await openTurns(gateway, stock);
    const costs: Record<Name, number[]> = { stock: [], gateway: [], nothing: [], forged: [] };
    const names = Object.keys(costs) as Name[];
    announce('both servers get warm');
    for (const name of names) await turns[name](WARMING);
    for (let at = 0; at < rounds; at += 1) {
      announce(`round ${String(at + 1)} of ${String(rounds)}`);
      for (const name of at % 2 === 0 ? names : [...names].reverse()) costs[name].push(await turns[name](count));
    }
    return costs;
  } finally {
    await Promise.all([gateway.close(), stock.close()]);
    await server.close();
  }
};

const run = async (options: AuthOptions): Promise<number> => {
  const machine = describeMachine();
  const costs = await raceAuth(options);
  const names = Object.keys(costs) as Name[];
  printTable(
    `CPU of the server for one request, ${String(CLIENTS)} clients`,
    ['request', 'ms', 'over the gateway'],
    names.map((name) => {
      const ms = median(costs[name]);
      return [NAMES[name], ms.toFixed(3), `${(ms / median(costs.gateway)).toFixed(2)}x`];
    }),
  );
  const verdicts = judge<keyof typeof authGoals>(authGoals, {
    served: median(costs.stock.map((ms, at) => ms / (costs.gateway[at] ?? ms))),
    nothing: median(costs.nothing),
    forged: median(costs.forged),
  });
  printTable(
    'Gates and goals',
    ['what', 'gate', 'goal', 'measured', 'verdict'],
    verdicts.map((line) => {
      const show = (value: number): string => printMeasure(line, value);
      return [line.name, show(line.gate), show(line.goal), show(line.measured), line.verdict];
    }),
  );
  const lines = names.map((name) => ({ name: NAMES[name], cpuMs: costs[name].map((ms) => round(ms, 3)) }));
  print(`\nresult: ${writeResult('auth', machine, { options, lines, verdicts }, options.json)}`);
  return verdicts.some(({ verdict }) => verdict === 'GATE MISSED') ? 1 : 0;
};

const options = readAuthOptions(process.argv.slice(2));
if (options === undefined) print(AUTH_HELP);
else
  void run(options).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(2);
    },
  );
