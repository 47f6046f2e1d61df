import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { type AuthRequest, createAuthMiddleware } from '@bsv/auth-express-middleware';
import { PrivateKey, type RequestedCertificateSet, SessionManager, type WalletInterface } from '@bsv/sdk';
import express from 'express';
import { DevWallet } from '#testkit';
import { Gate } from './gateway-rig';

export interface StockRig {
  readonly origin: string;
  readonly served: string[];
  readonly gate: Gate;
  readonly sessions: SessionManager;
  stop(): Promise<void>;
}

export interface StockOptions {
  readonly certificatesToRequest?: RequestedCertificateSet;
  /** Nest's default, and the order of many examples: the parser after the middleware. */
  readonly parseAfterAuth?: boolean;
}

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
    ...(certificatesToRequest === undefined ? {} : { certificatesToRequest, onCertificatesReceived: () => undefined }),
  });
  const callerOf = (request: express.Request): string => (request as AuthRequest).auth?.identityKey ?? 'nobody';
  if (parseAfterAuth === true) app.use(auth);
  app.use(express.json());
  if (parseAfterAuth !== true) app.use(auth);
  app.post('/v1/test/echo', (request, response) => {
    served.push(callerOf(request));
    response.json({ caller: callerOf(request), body: JSON.stringify(request.body) });
  });
  app.get('/v1/test/slow', (request, response) => {
    void gate.pass().then(() => response.json({ caller: callerOf(request) }));
  });
  app.get('/v1/test/empty', (_request, response) => void response.status(200).end());
  app.get('/v1/identity', (request, response) => void response.json({ identityKey: callerOf(request) }));
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
