import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { makeOutpoint, type Txid } from '#atomic-core';
import {
  findHeader,
  findNamedSpend,
  findRevocation,
  listCertifiers,
  recordRevocation,
  type KnownRevocation,
  type RevocationReport,
} from '#ledger';
import type { ChainTracker, HttpClient, RevocationQuestion, RevocationSource } from '#ports';
import { CHAIN_TRACKER } from '../chain';
import { CONFIG, type Config } from '../config';
import { HTTP_CLIENT, startTimeBudget } from '../egress';
import { Log } from '../telemetry';
import { createProofSources, createSources } from './create-sources';
import {
  discardFalseWords,
  judgeRevocation,
  listSilent,
  type RevocationVerdict,
  type SourcedAnswer,
} from './judge-revocation';
import { LedgerRevocationSource } from './ledger.source';
import { proveSpend, type SpendFinding, type SpendProofParts } from './prove-spend';

/** A caller waits for it: who has not answered by then has not answered, be it with a word or with a proof. */
const TIMEOUT_MS = 5_000;
/** questions at once, of all callers: each is two requests to each source, who count them; and two more where somebody names a spender. */
const QUESTIONS_MAX = 32;

interface Asked {
  readonly question: RevocationQuestion;
  /** Whom the ledger has as the spender, unproven. */
  readonly namedBefore: Txid | undefined;
}

interface OutsideAnswers {
  readonly answers: readonly SourcedAnswer[];
  readonly findings: readonly SpendFinding[];
}

/** Whether a certificate is revoked, by our own ledger and every source that the operator named. What they say of a watched outpoint is kept. */
@Injectable()
export class RevocationService {
  private readonly ledger: LedgerRevocationSource;
  private readonly outside: readonly RevocationSource[];
  private readonly proofs: SpendProofParts;
  private readonly asked = new Map<string, Promise<RevocationVerdict>>();

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(HTTP_CLIENT) http: HttpClient,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
    @Inject(CHAIN_TRACKER) chain: ChainTracker,
  ) {
    this.ledger = new LedgerRevocationSource(database);
    this.outside = createSources(http, config);
    const findBlock: SpendProofParts['findBlock'] = async (hash) => {
      const known = await findHeader(database, hash);
      return known && { height: known.height, merkleRoot: known.header.merkleRoot };
    };
    this.proofs = { sources: createProofSources(http, config), chain, findBlock };
  }

  /** Somebody beside our own ledger can be asked. */
  get hasOutsideSource(): boolean {
    return this.outside.length > 0;
  }

  /** What is kept, where that is REVOKED or a GOOD no older than `maxAgeMs` (undefined: of any age); else as {@link judge}. */
  async find(question: RevocationQuestion, maxAgeMs: number | undefined): Promise<RevocationVerdict> {
    const known = await findRevocation(this.database, makeOutpoint(question.txid as Txid, question.vout));
    if (known?.state === 'revoked') return readRevoked(known);
    if (known?.state === 'good' && known.asOf.getTime() >= Date.now() - (maxAgeMs ?? Infinity))
      return { state: 'good', asOfMs: known.asOf.getTime(), source: known.source };
    return this.judge(question);
  }

  /** All sources, asked now. Whoever asks what is being asked already gets that answer. */
  async judge(question: RevocationQuestion): Promise<RevocationVerdict> {
    const name = `${question.txid}.${question.vout} ${question.certifiers?.join() ?? ''}`;
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
    const isKept = await recordRevocation(this.database, writeReport(question, verdict, lookedAt));
    if (isKept || verdict.state === 'revoked') return verdict;
    // What is known outweighs it, for this caller as for all others; or nobody watches it.
    const known = await findRevocation(this.database, makeOutpoint(question.txid as Txid, question.vout));
    return known?.state === 'revoked' ? readRevoked(known) : verdict;
  }

  private async askSources(question: RevocationQuestion): Promise<RevocationVerdict> {
    const own = await this.ledger.findRevocation(question);
    // A spend that we verified ourselves is evidence; that others have not seen it yet is none.
    if (own.state === 'revoked') return { ...own, source: this.ledger.name };
    const place = makeOutpoint(question.txid as Txid, question.vout);
    // So is a spend whose proof we keep and that our best chain still has.
    const named = await findNamedSpend(this.database, place);
    if (named?.provenBy !== undefined)
      return { state: 'revoked', spenderTxid: named.spenderTxid, source: named.provenBy };
    // Also those that the caller does not know of: one certifier has no say in what another one revoked.
    const certifiers = [...new Set([...(question.certifiers ?? []), ...(await listCertifiers(this.database, place))])];
    const asked = { question: { ...question, certifiers }, namedBefore: named?.spenderTxid };
    const { answers, findings } = await withBudget((signal) => this.askOutside(asked, signal));
    return this.weigh(asked, [{ source: this.ledger.name, answer: own }, ...answers], findings);
  }

  /** A proof is asked for as soon as somebody names a spender, in one time with all else: a source that is slow must not leave none for it. */
  private async askOutside({ question, namedBefore }: Asked, signal: AbortSignal): Promise<OutsideAnswers> {
    const proving = new Map<string, Promise<SpendFinding>>();
    const prove = (spenderTxid: Txid): Promise<SpendFinding> => {
      const begun = proving.get(spenderTxid) ?? proveSpend({ question, spenderTxid }, this.proofs, signal);
      proving.set(spenderTxid, begun);
      return begun;
    };
    const asking = this.outside.map(async (source): Promise<SourcedAnswer> => {
      const answer = await source.findRevocation(question, signal);
      if (answer.state === 'revoked') await prove(answer.spenderTxid as Txid);
      return { source: source.name, answer };
    });
    const [answers] = await Promise.all([
      Promise.all(asking),
      namedBefore === undefined ? undefined : prove(namedBefore),
    ]);
    return { answers, findings: await Promise.all(proving.values()) };
  }

  /** With a proof that a transaction which somebody named, now or earlier, is mined and spends it, it is revoked, whoever says GOOD. Without one, words are words. */
  private weigh(
    { question, namedBefore }: Asked,
    answers: readonly SourcedAnswer[],
    findings: readonly SpendFinding[],
  ): RevocationVerdict {
    this.tellLiars(question, findings);
    const proven = findings.find((finding) => finding.proven !== undefined)?.proven;
    if (proven === undefined) {
      const verdict = judgeRevocation(discardFalseWords(answers, findings));
      if (verdict.state !== 'good') return verdict;
      // Our own ledger is never silent: that it knows no spender is all that it has to say.
      const outside = answers.filter(({ source: name }) => name !== this.ledger.name);
      return { ...verdict, silent: listSilent(outside, findings, namedBefore) };
    }
    const source = `the header chain at height ${String(proven.height)}, by ${proven.source}`;
    return { state: 'revoked', spenderTxid: proven.spenderTxid, source, proven };
  }

  private tellLiars(question: RevocationQuestion, findings: readonly SpendFinding[]): void {
    for (const { spenderTxid, isRefuted, liars } of findings) {
      if (!isRefuted && liars.size === 0) continue;
      const told = { ...question, spenderTxid, isRefuted, sources: [...liars].join(', ') };
      this.log.write('warn', 'what was said of a revocation is false', told);
    }
  }
}

const readRevoked = ({
  spenderTxid,
  source,
}: Extract<KnownRevocation, { readonly state: 'revoked' }>): RevocationVerdict => ({
  ...{ state: 'revoked', spenderTxid, source },
});

/** Whoever takes longer has not answered. */
async function withBudget<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const budget = startTimeBudget(TIMEOUT_MS);
  try {
    return await work(budget.signal);
  } finally {
    budget.end();
  }
}

function writeReport({ txid, vout }: RevocationQuestion, verdict: RevocationVerdict, lookedAt: Date): RevocationReport {
  const told = { outpoint: makeOutpoint(txid as Txid, vout), lookedAt };
  if (verdict.state === 'good')
    return {
      ...{ ...told, state: 'good', source: verdict.source, asOf: new Date(verdict.asOfMs) },
      ...(verdict.silent !== undefined && { silent: verdict.silent }),
    };
  if (verdict.state === 'revoked')
    return {
      ...{ ...told, state: 'revoked', source: verdict.source, spenderTxid: verdict.spenderTxid as Txid },
      ...(verdict.proven !== undefined && { proof: verdict.proven }),
    };
  return { ...told, state: 'unknown', source: verdict.detail.slice(0, 300), isSilent: verdict.isSilent };
}
