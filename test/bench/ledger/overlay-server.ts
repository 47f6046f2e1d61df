import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthMiddleware } from '@bsv/auth-express-middleware';
import { PrivateKey, ProtoWallet, type WalletInterface } from '@bsv/sdk';
import express from 'express';
import { BENCH_TOPIC, openOverlay } from './open-overlay';

/**
 * The other side of the whole path, in a process of its own: `Engine.submit` behind Express, as overlay-express puts it there (that is not on npm), once as
 * it is and once behind the stock authentication. Arguments: database URL, clients, Merkle root. Prints its port.
 */
const main = async (url = '', clients = '16', root = ''): Promise<void> => {
  const { engine } = await openOverlay(url, Number(clients), { root });
  const app = express();
  const octets = express.raw({ type: 'application/octet-stream', limit: '16mb' });
  app.use('/.well-known/auth', express.json());
  app.use(octets);
  const submit = (request: express.Request, response: express.Response): void => {
    const beef = [...(request.body as Buffer)];
    engine
      .submit({ beef, topics: [BENCH_TOPIC] })
      .then((steak) => response.status(200).json(steak))
      .catch((error: unknown) => response.status(400).json({ status: 'error', message: String(error) }));
  };
  app.post('/submit', submit);
  const wallet = new ProtoWallet(PrivateKey.fromHex('22'.repeat(32))) as unknown as WalletInterface;
  app.use(createAuthMiddleware({ wallet }));
  app.post('/v1/submissions', submit);
  const server = createServer(app).listen(0, '127.0.0.1', () => {
    process.stdout.write(`port ${String((server.address() as AddressInfo).port)}\n`);
  });
};

void main(...process.argv.slice(2));
