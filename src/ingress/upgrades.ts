import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { lingerOn } from './answer-client-error';

/** What a request to speak another protocol came with. */
export interface Upgrade {
  readonly socket: Duplex;
  /** Octets that came with its head, of the protocol that was asked for. */
  readonly head: Buffer;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();
const taken = new WeakSet<IncomingMessage>();

/** Whether a route at this path speaks WebSocket. */
type TakesUpgrade = (path: string) => boolean;

const asksForSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Node gives up HTTP on a connection as soon as anybody listens for upgrades, whatever is asked for and wherever, and the body with it: a `POST` of a client that
 * offers h2c on the side would lose it. So Node is told of those alone that a route takes; to all others the header says nothing (RFC 9110, section 7.8).
 */
export const makeMessageClass = (takesUpgrade: TakesUpgrade): typeof IncomingMessage => {
  class GatewayMessage extends IncomingMessage {
    // Declared and not initialised: Node's constructor sets it through the setter before a field of ours would be.
    declare private asked: boolean;

    get upgrade(): boolean {
      return this.asked && asksForSocket(this) && takesUpgrade((this.url ?? '').split('?', 1)[0] ?? '');
    }

    set upgrade(asked: boolean | null) {
      this.asked = asked === true;
    }
  }
  return GatewayMessage;
};

/**
 * An upgrade is a request like any other until its handler takes it: the same door, identity, policies, price and limits, and a refusal is an ordinary answer.
 * Whatever is answered in place of the protocol, the connection ends with it.
 */
export const routeUpgrade = (fastify: FastifyInstance, message: IncomingMessage, upgrade: Upgrade): void => {
  const socket = upgrade.socket as Socket;
  // Node's parser has let go of it, and with it of whoever heard that it broke.
  socket.on('error', () => socket.destroy());
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  response.once('finish', () => {
    socket.end();
    lingerOn(socket);
  });
  try {
    response.assignSocket(socket);
  } catch {
    // It came while an earlier request of its connection waited for its answer, which a client of this protocol never does.
    socket.destroy();
    return;
  }
  upgrades.set(message, upgrade);
  fastify.routing(message, response);
};

export const isUpgrade = ({ raw }: Pick<FastifyRequest, 'raw'>): boolean => upgrades.has(raw);

/** For the one who goes on with the connection in the other protocol. Throws where nobody asked for one, or somebody has it already. */
export const takeUpgrade = ({ raw }: FastifyRequest): Upgrade => {
  const upgrade = upgrades.get(raw);
  if (upgrade === undefined || taken.has(raw)) throw new Error('There is no upgrade to take.');
  taken.add(raw);
  return upgrade;
};

/** It left HTTP: what was answered is 101, however the connection ended later. */
export const isUpgraded = ({ raw }: Pick<FastifyRequest, 'raw'>): boolean => taken.has(raw);
