import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import {
  Controller,
  Delete,
  type DynamicModule,
  Get,
  HttpCode,
  Module,
  Post,
  Redirect,
  Req,
  StreamableFile,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type TestDatabase, createTestDatabase } from '#testkit';
import { putBehindDoor } from '../../src/application';
import { ConfigModule, type SettingsInput, parseSettings, resolveConfig } from '../../src/config';
import { DatabaseModule } from '../../src/database';
import { HealthModule } from '../../src/health';
import { IdentityModule, callerOf, registerIdentity } from '../../src/identity';
import { type GatewayRequest, bodyOf, refuse } from '../../src/ingress';
import { Log, Metrics, TelemetryModule } from '../../src/telemetry';

/** The first test of a worker starts a PostgreSQL server. */
jest.setTimeout(60_000);

export const GATEWAY_PRIVATE_KEY = '11'.repeat(32);

/** Holds a handler until the test has done what it wants meanwhile. */
export class Gate {
  private letGo = (): void => undefined;
  private announce = (): void => undefined;
  readonly entered = new Promise<void>((resolve) => (this.announce = resolve));
  private readonly opened = new Promise<void>((resolve) => (this.letGo = resolve));

  pass(): Promise<void> {
    this.announce();
    return this.opened;
  }
  open(): void {
    this.letGo();
  }
}

export interface GatewayRig {
  readonly origin: string;
  readonly database: TestDatabase;
  readonly metrics: Metrics;
  /** The gateway's own pool. */
  readonly pool: DataSource;
  /** Identity keys that reached a handler, in order. */
  readonly served: string[];
  readonly gate: Gate;
  stop(): Promise<void>;
}

const testModule = (served: string[], gate: Gate): DynamicModule => {
  @Controller('v1/test')
  class Probe {
    @Post('echo')
    @HttpCode(200)
    echo(@Req() request: GatewayRequest): unknown {
      served.push(callerOf(request).identityKey);
      return { caller: callerOf(request).identityKey, body: bodyOf(request).toString('utf8') };
    }

    @Get('slow')
    async slow(@Req() request: GatewayRequest): Promise<unknown> {
      await gate.pass();
      return { caller: callerOf(request).identityKey };
    }

    @Get('items/:id')
    item(@Req() request: GatewayRequest): unknown {
      served.push(callerOf(request).identityKey);
      return { caller: callerOf(request).identityKey };
    }

    @Get('empty')
    empty(): void {}

    @Delete('nothing')
    @HttpCode(204)
    nothing(): void {}

    @Get('refused')
    refused(): never {
      return refuse('topic-refused');
    }

    @Get('fault')
    fault(): never {
      throw new Error('a fault');
    }

    @Get('stream')
    stream(): StreamableFile {
      return new StreamableFile(Readable.from([Buffer.from('one '), Buffer.from('two')]));
    }

    @Get('elsewhere')
    @Redirect('/v1/identity', 302)
    elsewhere(): void {}
  }

  @Module({ controllers: [Probe] })
  class ProbeModule {}
  return { module: ProbeModule };
};

export interface GatewayOptions {
  readonly database?: TestDatabase;
  readonly settings?: SettingsInput;
  readonly imports?: DynamicModule['imports'];
  /** The same again for a gateway that is started again. */
  readonly port?: number;
}

/** The real door, identity, ledger and PostgreSQL on an ephemeral port. Give it a database to make it another replica. */
export const openGateway = async ({
  database: shared,
  settings,
  imports = [],
  port: wanted = 0,
}: GatewayOptions = {}): Promise<GatewayRig> => {
  const database = shared ?? (await createTestDatabase());
  const config = resolveConfig(
    parseSettings({
      metricsPort: 0,
      identityKey: GATEWAY_PRIVATE_KEY,
      databaseUrl: database.url,
      logLevel: 'silent',
      ...settings,
    }),
  );
  const served: string[] = [];
  const gate = new Gate();
  @Module({})
  class Gateway {}
  const telemetry: DynamicModule = {
    module: TelemetryModule,
    providers: [{ provide: Log, useValue: new Log({ level: config.logLevel }) }],
  };
  const modules = [ConfigModule.with(config), telemetry, DatabaseModule, HealthModule, IdentityModule, ...imports];
  const module = { module: Gateway, imports: [...modules, testModule(served, gate)] };
  const { app } = await putBehindDoor(module, config);
  registerIdentity(app);
  await app.listen(wanted, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    database,
    metrics: app.get(Metrics),
    pool: app.get(DataSource),
    served,
    gate,
    stop: async () => {
      await app.close();
      if (shared === undefined) await database.drop();
    },
  };
};
