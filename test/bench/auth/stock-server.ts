import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AuthRequest, createAuthMiddleware } from '@bsv/auth-express-middleware';
import { PrivateKey, ProtoWallet, type WalletInterface } from '@bsv/sdk';
import express from 'express';

/** The stock authentication with the SDK's own wallet on Express, in front of one route that answers at once. In a process of its own; prints its port. */
const app = express();
app.use(express.json());
app.use(
  createAuthMiddleware({ wallet: new ProtoWallet(PrivateKey.fromHex('22'.repeat(32))) as unknown as WalletInterface }),
);
app.get('/v1/identity', (request, response) => {
  response.json({ identityKey: (request as AuthRequest).auth?.identityKey });
});
const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${String((server.address() as AddressInfo).port)}\n`);
});
