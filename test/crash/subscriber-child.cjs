'use strict';
// A subscriber of the build, to be killed by subscriber-kill.spec.ts at any moment. What it saw and how far it came are one line and one write, so
// that there is no moment at which it has the one and not the other.
const { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } = require('node:fs');
const { PrivateKey, ProtoWallet } = require('@bsv/sdk');
const { GatewayClient } = require('../../dist/libs/client/src');

const [, , baseUrl, key, ...journals] = process.argv;
const client = new GatewayClient({ baseUrl, wallet: new ProtoWallet(PrivateKey.fromHex(key)) });

/** Whole lines only: a line that the kill cut off was never seen. */
const openJournal = (path) => {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const file = openSync(path, 'a');
  ftruncateSync(file, Buffer.byteLength(whole));
  const last = whole.trimEnd().split('\n').at(-1);
  return { file, after: last === '' ? -1 : Number(last.split(' ')[0]) };
};

const follow = async (topic, path) => {
  const { file, after } = openJournal(path);
  const onConnected = () => process.stdout.write(`connected ${topic}\n`);
  for await (const { position, kind, txid } of client.subscribe(topic, { after, onConnected })) {
    writeSync(file, `${position} ${kind} ${txid}\n`);
  }
  closeSync(file);
};

Promise.all(journals.map((path) => follow(path.split('/').at(-1), path))).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
