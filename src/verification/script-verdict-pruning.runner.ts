import { Inject, Injectable } from '@nestjs/common';
import { pruneScriptVerdicts } from '#ledger';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config';
import { PruningRunner } from '../database';
import { Log } from '../telemetry';

/** Forgets the oldest script verdicts beyond the number that the operator gives room for. */
@Injectable()
export class ScriptVerdictPruningRunner extends PruningRunner {
  protected readonly what = 'old script verdicts';
  /** What a process may store between two rounds: 100 batches are 3,300 a second. */
  protected readonly batchesMax = 100;

  constructor(
    @Inject(DataSource) database: DataSource,
    @Inject(Log) log: Log,
    @Inject(CONFIG) private readonly config: Pick<Config, 'scriptVerdictsStoredMax'>,
  ) {
    super(database, log);
  }

  protected prune(rowsMax: number): Promise<number> {
    return pruneScriptVerdicts(this.database, this.config.scriptVerdictsStoredMax, rowsMax);
  }
}
