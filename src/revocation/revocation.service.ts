import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { makeOutpoint, type Txid } from '#atomic-core';
import { findCertifier, findRevocation, recordRevocation, type RevocationReport } from '#ledger';
import type { HttpClient, RevocationQuestion, RevocationSource } from '#ports';
import { CONFIG, type Config } from '../config';
import { HTTP_CLIENT, startTimeBudget } from '../egress';
import { Log } from '../telemetry';
import { createSources } from './create-sources';
import { judgeRevocation, type RevocationVerdict } from './judge-revocation';
import { LedgerRevocationSource } from './ledger.source';

/** A caller waits for it: a source that takes longer than this has not answered. */
const TIMEOUT_MS = 5_000;
/** questions at once, of all callers: each is two requests to each source, who count them. */
const QUESTIONS_MAX = 32;

/** Whether a certificate is revoked, by our own ledger and every source that the operator named. What they say of a watched outpoint is kept. */
@Injectable()
export class RevocationService {
  private readonly ledger: LedgerRevocationSource;
  private readonly outside: readonly RevocationSource[];
  private readonly asked = new Map<string, Promise<RevocationVerdict>>();

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(HTTP_CLIENT) http: HttpClient,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
  ) {
    this.ledger = new LedgerRevocationSource(database);
    this.outside = createSources(http, config);
  }

  /** Somebody beside our own ledger can be asked. */
  get hasOutsideSource(): boolean {
    return this.outside.length > 0;
  }

  /** What is kept, where that is REVOKED or a GOOD no older than `maxAgeMs` (undefined: of any age); else as {@link judge}. */
  async find(question: RevocationQuestion, maxAgeMs: number | undefined): Promise<RevocationVerdict> {
    const known = await findRevocation(this.database, makeOutpoint(question.txid as Txid, question.vout));
    if (known?.state === 'revoked') return { state: 'revoked', spenderTxid: known.spenderTxid, source: known.source };
    if (known?.state === 'good' && known.asOf.getTime() >= Date.now() - (maxAgeMs ?? Infinity))
      return { state: 'good', asOfMs: known.asOf.getTime(), source: known.source };
    return this.judge(question);
  }

  /** All sources, asked now. Whoever asks what is being asked already gets that answer. */
  async judge(question: RevocationQuestion): Promise<RevocationVerdict> {
    const name = `${question.txid}.${question.vout} ${question.certifier ?? ''}`;
    const held = this.asked.get(name);
    if (held !== undefined) return held;
    if (this.asked.size >= QUESTIONS_MAX)
      return { state: 'unknown', detail: 'too many are asked about', isSilent: true };
    const verdict = this.judgeAnew(question).finally(() => this.asked.delete(name));
    this.asked.set(name, verdict);
    return verdict;
  }

  /** As {@link judge}, and asked after this moment: an answer from before the monitor took a question up would leave it open until its lease ends. */
  async judgeAnew(question: RevocationQuestion): Promise<RevocationVerdict> {
    const lookedAt = new Date();
    const verdict = await this.askSources(question);
    // Sources that contradict each other: one of them lies or lags, and a caller is only told that it is not known.
    if (verdict.state === 'unknown' && this.hasOutsideSource)
      this.log.write('warn', 'revocation is not known', { ...question, detail: verdict.detail });
    await recordRevocation(this.database, writeReport(question, verdict, lookedAt));
    return verdict;
  }

  private async askSources(question: RevocationQuestion): Promise<RevocationVerdict> {
    const own = await this.ledger.findRevocation(question);
    // A spend that we verified ourselves is evidence; that others have not seen it yet is none.
    if (own.state === 'revoked') return { ...own, source: this.ledger.name };
    const { txid, vout } = question;
    const certifier = question.certifier ?? (await findCertifier(this.database, makeOutpoint(txid as Txid, vout)));
    const budget = startTimeBudget(TIMEOUT_MS);
    try {
      const answers = this.outside.map(async (source) => ({
        source: source.name,
        answer: await source.findRevocation({ ...question, certifier }, budget.signal),
      }));
      return judgeRevocation([{ source: this.ledger.name, answer: own }, ...(await Promise.all(answers))]);
    } finally {
      budget.end();
    }
  }
}

function writeReport({ txid, vout }: RevocationQuestion, verdict: RevocationVerdict, lookedAt: Date): RevocationReport {
  const told = { outpoint: makeOutpoint(txid as Txid, vout), lookedAt };
  if (verdict.state === 'good')
    return { ...told, state: 'good', source: verdict.source, asOf: new Date(verdict.asOfMs) };
  if (verdict.state === 'revoked')
    return { ...told, state: 'revoked', source: verdict.source, spenderTxid: verdict.spenderTxid as Txid };
  return { ...told, state: 'unknown', source: verdict.detail.slice(0, 300), isSilent: verdict.isSilent };
}
