import { Controller, HttpCode, Inject, Post, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../identity';
import { unwrap } from '../ingress';
import { digestRequest } from '../payments';
import { PolicyDecisions } from '../policies';
import { readWalletArgs, readWalletTransaction } from './read-wallet-args';
import { internalizeArgs, listOutputsArgs, relinquishArgs } from './wallet-args';
import { WalletErrorFilter } from './wallet-error.filter';
import { WalletService } from './wallet.service';

/** The calls of BRC-100 that a host of baskets can answer, as `HTTPWalletJSON` of the SDK posts them. */
@Controller('v1/wallet')
@UseFilters(WalletErrorFilter)
export class WalletController {
  constructor(
    @Inject(WalletService) private readonly wallet: WalletService,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
  ) {}

  @Post('internalizeAction')
  @HttpCode(200)
  async internalizeAction(@Req() request: FastifyRequest): Promise<unknown> {
    const { args, tx } = readWalletTransaction(request, internalizeArgs);
    const grant = unwrap(await this.policies.of(request).admit([]));
    await this.wallet.internalize(callerOf(request), { args, tx, grant, requestDigest: digestRequest(request) });
    return { accepted: true };
  }

  @Post('listOutputs')
  @HttpCode(200)
  listOutputs(@Req() request: FastifyRequest): Promise<unknown> {
    return this.wallet.listOutputs(callerOf(request).organisation, readWalletArgs(request, listOutputsArgs));
  }

  @Post('relinquishOutput')
  @HttpCode(200)
  async relinquishOutput(@Req() request: FastifyRequest): Promise<unknown> {
    await this.wallet.relinquish(callerOf(request), readWalletArgs(request, relinquishArgs));
    return { relinquished: true };
  }
}
