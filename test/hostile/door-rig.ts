import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { type DynamicModule, Controller, Get, HttpCode, Module, Param, Post, Req } from '@nestjs/common';
import { type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import { putBehindDoor } from '../../src/application';
import { type Config, ConfigModule, parseSettings, resolveConfig } from '../../src/config';
import { HealthModule } from '../../src/health';
import { DOOR_LIMITS, type DoorLimits, type GatewayRequest, bodyOf, readJson, unwrap } from '../../src/ingress';
import { Log, TelemetryModule } from '../../src/telemetry';

export const BODY_BYTES_MAX = 65_536;
export const SMALL_BODY_BYTES_MAX = 1_024;
export const BULK_BODY_BYTES_MAX = 4 * BODY_BYTES_MAX;
export const BULK_LINES_MAX = 3;

/** What holds the gate of `GET /gate` open, so that a test can have a request in flight for as long as it wants. */
export interface Gate {
  open: () => void;
  entered: Promise<void>;
}

export interface DoorRig {
  readonly app: NestFastifyApplication;
  readonly port: number;
  readonly lines: string[];
  readonly gate: Gate;
  stop(): Promise<void>;
}

const createGate = (): Gate & { enter: () => Promise<void> } => {
  let open = (): void => undefined;
  let announce = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const entered = new Promise<void>((resolve) => (announce = resolve));
  return {
    open,
    entered,
    enter: () => {
      announce();
      return opened;
    },
  };
};

function moduleUnderTest(config: Config, lines: string[], gate: ReturnType<typeof createGate>): DynamicModule {
  @Controller()
  class Echo {
    @Post('json')
    @HttpCode(200)
    json(@Req() request: GatewayRequest): unknown {
      return { got: unwrap(readJson(bodyOf(request))) };
    }

    @Post('octets')
    @HttpCode(200)
    octets(@Req() request: GatewayRequest): unknown {
      return { bytes: bodyOf(request).length };
    }

    @Post('small')
    @HttpCode(200)
    @RouteConfig({ bodyBytesMax: SMALL_BODY_BYTES_MAX })
    small(@Req() request: GatewayRequest): unknown {
      return { bytes: bodyOf(request).length };
    }

    @Post('bulk')
    @HttpCode(200)
    @RouteConfig({ bulkLinesMax: BULK_LINES_MAX })
    bulk(@Req() request: GatewayRequest): unknown {
      return { bytes: bodyOf(request).length };
    }

    @Get('items/:id')
    item(@Param('id') id: string): unknown {
      return { characters: id.length };
    }

    @Get('gate')
    async gate(): Promise<unknown> {
      await gate.enter();
      return { passed: true };
    }

    @Get('fault')
    fault(): never {
      throw new Error('select * from secrets where password=hunter2');
    }

    @Get('outage')
    outage(): never {
      throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), {
        code: 'ECONNREFUSED',
        syscall: 'connect',
      });
    }
  }

  const log = new Log({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });

  @Module({ controllers: [Echo] })
  class EchoModule {}

  @Module({})
  class UnderTest {}
  const telemetry: DynamicModule = { module: TelemetryModule, providers: [{ provide: Log, useValue: log }] };
  return { module: UnderTest, imports: [ConfigModule.with(config), telemetry, HealthModule, EchoModule] };
}

/** The real door on an ephemeral port, with routes that need no identity. */
export async function openDoor(limits: Partial<DoorLimits> = {}): Promise<DoorRig> {
  const settings = parseSettings({
    metricsPort: 0,
    identityKey: '11'.repeat(32),
    bodyBytesMax: BODY_BYTES_MAX,
    bulkBodyBytesMax: BULK_BODY_BYTES_MAX,
    shutdownTimeoutMs: 5_000,
  });
  const config = resolveConfig(settings);
  const lines: string[] = [];
  const gate = createGate();
  const { app } = await putBehindDoor(moduleUnderTest(config, lines, gate), config, { ...DOOR_LIMITS, ...limits });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, lines, gate, stop: () => app.close() };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Reads answers off a raw socket; understands what this gateway sends, Content-Length always. */
export function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest.startsWith('HTTP/1.1 ')) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) break;
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const length = Number(headers.get('content-length') ?? 0);
    answers.push({ status: Number(statusLine.split(' ')[1]), headers, body: rest.slice(end + 4, end + 4 + length) });
    rest = rest.slice(end + 4 + length);
  }
  return answers.filter(({ status }) => status !== 100);
}

/** Writes the bytes, then collects until the gateway closes the connection. */
export async function sendRaw(port: number, parts: Iterable<string | Buffer>): Promise<RawAnswer[]> {
  const socket = connect(port, '127.0.0.1');
  const received = collect(socket);
  for (const part of parts) {
    if (socket.destroyed) break;
    if (!socket.write(part)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
  return parseAnswers(await received);
}

export function collect(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset after the answer is one of the two allowed outcomes; what came before it counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
  });
}

const once = (socket: Socket, event: string): Promise<void> =>
  new Promise((resolve) => {
    socket.once(event, () => {
      resolve();
    });
  });

export const codeOf = (answer: RawAnswer | undefined): string | undefined =>
  answer === undefined ? undefined : (JSON.parse(answer.body) as { code?: string }).code;

/** The proof that an attack hurt nobody else. */
export async function expectHonestService(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${String(port)}/json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"honest":true}',
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ got: { honest: true } });
}
