'use strict';

// The attacker, in a process of its own so that it holds up nobody who measures: `node flood-child.cjs PLAN`, answers how often it was answered what.
// It sends at its own pace, so many at once at most, from many addresses of this machine, so that no limit of one address is what protects the target.
const { createECDH, randomBytes } = require('node:crypto');
const { Agent, request } = require('node:http');

const { origin, kind, count, perSecond, atOnce, addresses, idleMs, signed } = JSON.parse(process.argv[2]);
const { hostname, port } = new URL(origin);
const TICK_MS = 2;

const base64 = (bytes) => randomBytes(bytes).toString('base64');

/** Well-formed in all, rightly signed but for its nonce: as dear as a refusal can be made. */
const badSignature = () => ({
  path: signed.url,
  method: signed.method,
  headers: { ...signed.headers, 'x-bsv-auth-nonce': base64(32), 'x-bsv-auth-request-id': base64(32) },
  body: signed.body ?? '',
});

/** Of an identity that nobody has met before. */
const handshake = () => {
  const identityKey = createECDH('secp256k1').generateKeys('hex', 'compressed');
  const requestedCertificates = { certifiers: [], types: {} };
  const message = {
    version: '0.1',
    messageType: 'initialRequest',
    identityKey,
    initialNonce: base64(48),
    requestedCertificates,
  };
  const body = JSON.stringify(message);
  return { path: '/.well-known/auth', method: 'POST', headers: { 'content-type': 'application/json' }, body };
};

const make = kind === 'handshakes' ? handshake : badSignature;
const agents = Array.from({ length: addresses }, (_, place) => ({
  agent: new Agent({ keepAlive: true, maxSockets: atOnce, timeout: idleMs }),
  localAddress: `127.0.1.${place + 1}`,
}));

const answers = {};
const note = (name) => {
  answers[name] = (answers[name] ?? 0) + 1;
};

const send = (place) =>
  new Promise((resolve) => {
    const { body, ...head } = make();
    const end = (name) => {
      note(name);
      resolve();
    };
    const asked = request({ hostname, port, ...agents[place % addresses], ...head }, (answer) => {
      answer.resume();
      answer.once('end', () => end(String(answer.statusCode)));
      answer.once('error', () => end('broken'));
    });
    asked.once('error', (error) => end(error.code ?? 'broken'));
    asked.end(body);
  });

const main = async () => {
  const startedAt = performance.now();
  let [begun, open] = [0, 0];
  const isDue = () => begun < ((performance.now() - startedAt) / 1_000) * perSecond;
  const proceed = () => {
    while (begun < count && open < atOnce && isDue()) {
      open += 1;
      void send(begun).then(() => {
        open -= 1;
        proceed();
      });
      begun += 1;
    }
  };
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      proceed();
      if (begun < count || open > 0) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  for (const { agent } of agents) agent.destroy();
  process.stdout.write(JSON.stringify({ answers, seconds: (performance.now() - startedAt) / 1_000 }));
};

void main();
