import { accept, isTxid, makeOutpoint, reject, type Outpoint, type Result } from '#atomic-core';

const OUTPOINT = /^([0-9a-f]{64})\.(0|[1-9][0-9]{0,9})$/;
const VOUT_MAX = 0xffff_ffff;

/** `<txid>.<vout>`, as it is printed everywhere; `name` is what the caller called it. */
export function readOutpointText(text: string, name: string): Result<Outpoint> {
  const [, txid = '', vout = ''] = OUTPOINT.exec(text) ?? [];
  if (!isTxid(txid) || Number(vout) > VOUT_MAX) return reject('query-malformed', `${name} is <txid>.<vout>`);
  return accept(makeOutpoint(txid, Number(vout)));
}
