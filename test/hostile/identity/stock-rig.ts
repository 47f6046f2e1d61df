import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { type AuthRequest, createAuthMiddleware } from '@bsv/auth-express-middleware';
import { PrivateKey, type RequestedCertificateSet, SessionManager, type WalletInterface } from '@bsv/sdk';
import express from 'express';
import { DevWallet } from '#testkit';
import { Gate, type GatewayRig } from '../../contract/gateway-rig';

/** What an attack needs of whom it is tried on: either gateway, ours or the stock one. */
export type Target = Pick<GatewayRig, 'origin' | 'served' | 'gate'>;

export interface StockRig extends Target {
  readonly sessions: SessionManager;
  stop(): Promise<void>;
}

export interface StockOptions {
  readonly certificatesToRequest?: RequestedCertificateSet;
  /** Nest's default, and the order of many examples: the parser after the middleware. */
  readonly parseAfterAuth?: boolean;
}

const callerOf = (request: express.Request): string => (request as AuthRequest).auth?.identityKey ?? 'nobody';

/** The routes of the gateway's rig, answered in the ways that NestJS answers them on Express. */
const addRoutes = (app: express.Express, served: string[], gate: Gate): void => {
  app.post('/v1/test/echo', (request, response) => {
    served.push(callerOf(request));
    response.json({ caller: callerOf(request), body: JSON.stringify(request.body) });
  });
  app.get('/v1/test/slow', (request, response) => {
    void gate.pass().then(() => response.json({ caller: callerOf(request) }));
  });
  app.get('/v1/test/empty', (_request, response) => void response.status(200).end());
  app.get('/v1/test/stream', (_request, response) => void Readable.from([Buffer.from('one two')]).pipe(response));
  app.get('/v1/test/elsewhere', (_request, response) => {
    response.redirect('/v1/identity');
  });
  app.get('/v1/identity', (request, response) => void response.json({ identityKey: callerOf(request) }));
};

/** `@bsv/auth-express-middleware` as published, in front of routes like ours. What it answers is what our tests are measured against. */
export const openStock = async ({ certificatesToRequest, parseAfterAuth }: StockOptions = {}): Promise<StockRig> => {
  const wallet = new DevWallet(PrivateKey.fromHex('22'.repeat(32))) as WalletInterface;
  const sessions = new SessionManager();
  const served: string[] = [];
  const gate = new Gate();
  const app = express();
  const auth = createAuthMiddleware({
    wallet,
    sessionManager: sessions,
    ...(certificatesToRequest !== undefined && { certificatesToRequest, onCertificatesReceived: () => undefined }),
  });
  if (parseAfterAuth === true) app.use(auth);
  app.use(express.json());
  if (parseAfterAuth !== true) app.use(auth);
  addRoutes(app, served, gate);
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    served,
    gate,
    sessions,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
