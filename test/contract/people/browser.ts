import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Visit {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const REDIRECTS_MAX = 12;

const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' };

/** Cookies, redirects, and what a browser says by itself of where a request comes from; nothing else of one. */
export class Browser {
  readonly cookies = new Map<string, Map<string, string>>();

  constructor(private readonly trusted?: string) {}

  /** Of one origin. Browsers keep cookies by host; in these tests each party has a port of its own. */
  jarOf(url: string): Map<string, string> {
    const { origin } = new URL(url);
    const jar = this.cookies.get(origin) ?? new Map<string, string>();
    this.cookies.set(origin, jar);
    return jar;
  }

  /** One request; a redirect is an answer. */
  async send(url: string, { method = 'GET', headers = {}, body }: Visit = {}): Promise<Page> {
    const cookie = [...this.jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = { ...(cookie === '' ? {} : { cookie }), ...headers };
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    const page = await new Promise<Page>((resolve, reject) => {
      const options = {
        method,
        headers: sent,
        agent: false,
        ...(this.trusted === undefined ? {} : { ca: this.trusted }),
      };
      const outgoing = request(url, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      });
      outgoing.on('error', reject).end(body);
    });
    for (const line of page.headers['set-cookie'] ?? []) this.keep(url, line);
    return page;
  }

  /** Sends a form of a page as a browser does (Fetch, "append a request Origin header"): without any referrer its origin is hidden. */
  submit(page: Page, action: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const url = new URL(action, page.url).href;
    const isSame = new URL(url).origin === new URL(page.url).origin;
    const isHidden = page.headers['referrer-policy'] === 'no-referrer';
    const headers = {
      ...NAVIGATION,
      'sec-fetch-site': isSame ? 'same-origin' : 'cross-site',
      origin: isHidden ? 'null' : new URL(page.url).origin,
      'content-type': 'application/x-www-form-urlencoded',
    };
    return this.send(url, { method: 'POST', headers, body: new URLSearchParams(fields).toString() });
  }

  /** Follows redirects, up to a page or to where `until` says to stop; the redirect is answered then. */
  async go(url: string, until?: (location: string) => boolean): Promise<Page> {
    let page = await this.send(url, { headers: { ...NAVIGATION, 'sec-fetch-site': 'none' } });
    // Of a chain that was elsewhere in between, the rest is of another site for good.
    let site = 'same-origin';
    for (let count = 0; count < REDIRECTS_MAX; count += 1) {
      const { location } = page.headers;
      if (page.status < 300 || page.status > 399 || location === undefined) return page;
      const next = new URL(location, page.url).href;
      if (until?.(next) === true) return page;
      if (new URL(next).origin !== new URL(page.url).origin) site = 'cross-site';
      page = await this.send(next, { headers: { ...NAVIGATION, 'sec-fetch-site': site } });
    }
    throw new Error(`There is no end to the redirects of ${url}.`);
  }

  private keep(url: string, line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const cut = pair.indexOf('=');
    const [name, value] = [pair.slice(0, cut), pair.slice(cut + 1)];
    const isOver = attributes.some((one) => /^max-age=0$/iu.test(one) || /^expires=thu, 01 jan 1970/iu.test(one));
    if (isOver || value === '') this.jarOf(url).delete(name);
    else this.jarOf(url).set(name, value);
  }
}
