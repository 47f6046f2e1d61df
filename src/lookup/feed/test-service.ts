import type { LookupNotice, ServiceLookup, Told } from '../../topics';

type Lookup = Pick<ServiceLookup, 'name' | 'life' | 'admissionMode' | 'spendNotificationMode' | 'tell'>;

/** A lookup service that writes down what it is told, keeps an index as a service would, and fails when a test wants it to. */
export class TestService implements Lookup {
  readonly name: string;
  readonly admissionMode = 'locking-script';
  readonly spendNotificationMode = 'script';
  readonly heard: LookupNotice[] = [];
  /** Of `topic txid.vout`: how its life went. */
  readonly index = new Map<string, string>();
  /** Admitted though it was there. */
  readonly doubles: string[] = [];
  life = 1;
  /** Throws instead of listening; `heard` says whether it listened first. */
  fault: { readonly reason: string; readonly heard: boolean } | undefined;

  constructor(name = 'ls_test') {
    this.name = name;
  }

  tell = (notice: LookupNotice): Promise<Told> => {
    const { fault } = this;
    if (fault?.heard !== false) this.hear(notice);
    return Promise.resolve(fault === undefined ? { ok: true } : { ok: false, reason: fault.reason, isUncertain: true });
  };

  get story(): string[] {
    return this.heard.map((notice) => `${notice.kind} ${notice.txid.slice(0, 8)}.${String(notice.outputIndex)}`);
  }

  private hear(notice: LookupNotice): void {
    this.heard.push(notice);
    const place = `${notice.txid}.${String(notice.outputIndex)}`;
    if (notice.kind === 'evicted') {
      for (const key of this.index.keys()) if (key.endsWith(place)) this.index.delete(key);
      return;
    }
    const key = `${notice.topic} ${place}`;
    if (notice.kind === 'admitted') {
      if (this.index.has(key)) this.doubles.push(key);
      this.index.set(key, 'unspent');
    }
    if (notice.kind === 'spent') this.index.set(key, `spent by ${notice.spendingTxid}`);
    if (notice.kind === 'no-longer-retained') this.index.delete(key);
  }
}
