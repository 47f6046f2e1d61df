import { Controller, Get, Inject, Param } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { makeOutpoint, writeStatusJson, writeSuccessionJson, type Txid } from '#atomic-core';
import { type RouteManners, refuse, unwrap } from '../ingress';
import { StatusesService } from './statuses.service';

const OUTPOINT = /^([0-9a-f]{64})\.(0|[1-9][0-9]{0,8})$/u;

/** For whoever relies on a certificate of this gateway: no identity is needed to ask whether it still holds. */
@Controller('certificate-status')
export class StatusController {
  constructor(@Inject(StatusesService) private readonly statuses: StatusesService) {}

  @Get(':outpoint')
  @RouteConfig({ identity: 'optional' } satisfies RouteManners)
  async find(@Param('outpoint') text: string): Promise<unknown> {
    const [, txid, vout] = OUTPOINT.exec(text) ?? refuse('certification-unknown');
    const outpoint = makeOutpoint(txid as Txid, Number(vout));
    const { status, signature, successions } = unwrap(await this.statuses.find(outpoint));
    const said = { status: writeStatusJson(status), signature };
    if (successions.length === 0) return said;
    const way = successions.map((one) => ({
      succession: writeSuccessionJson(one.succession),
      signature: one.signature,
    }));
    return { ...said, successions: way };
  }
}
