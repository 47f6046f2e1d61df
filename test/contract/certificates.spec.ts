import { AuthFetch } from '@bsv/sdk';
import { decodeLeaf } from '#atomic-core';
import { CertificateWallet, TestCertifier, makeCertificateType, waitUntil } from '#testkit';
import {
  TYPE,
  certifier,
  dumpRows,
  fields,
  gatewayKey,
  jsonOf,
  list,
  listViolations,
  makeHolder,
  openCertificates,
  post,
  rules,
} from './certificates-rig';
import type { GatewayRig } from './gateway-rig';
import { RawCaller } from './raw-caller';

let gateway: GatewayRig;

beforeAll(async () => {
  gateway = await openCertificates();
});
afterAll(async () => {
  const broken = await listViolations(gateway);
  await gateway.stop();
  expect(broken).toEqual([]);
});

const view = {
  ...{ type: TYPE, certifier: certifier.identityKey, fields: ['name', 'role'] },
  ...{ state: 'held', revocation: { state: 'not-revocable' }, revokedBy: null },
};

describe('unmodified AuthFetch with a wallet that holds a certificate', () => {
  it('presents what is asked by mutual authentication, and is served all the while', async () => {
    const { wallet, held } = await makeHolder();
    const client = new AuthFetch(wallet);
    const call = async (path: string): Promise<Record<string, unknown>> =>
      (await client.fetch(`${gateway.origin}${path}`)).json() as Promise<Record<string, unknown>>;
    expect(await call('/v1/identity')).toMatchObject({ identityKey: wallet.identityKey });
    const find = async (): Promise<unknown[]> =>
      (await call('/v1/certificates?values=true'))['certificates'] as unknown[];
    await waitUntil('the certificate is there', async () => (await find()).length > 0);
    expect(wallet.revealed).toEqual([['name', 'role']]);
    expect(await find()).toEqual([
      expect.objectContaining({
        ...{ serialNumber: held.serialNumber, state: 'held', fields: ['name', 'role'] },
        values: { name: 'Ann Ode', role: 'buyer' },
      }),
    ]);
  });

  it('presents it with a request, and erases it', async () => {
    const { wallet, held, shown } = await makeHolder();
    const client = new AuthFetch(wallet);
    const call = async (method: string, body?: unknown) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await client.fetch(`${gateway.origin}/v1/certificates`, {
        method,
        ...(body !== undefined && { headers, body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const presented = await call('POST', shown);
    expect([200, 201]).toContain(presented.status);
    expect(presented.body).toMatchObject({ serialNumber: held.serialNumber, fields: ['name', 'role'] });
    expect(await call('DELETE')).toMatchObject({ status: 200, body: { erased: 1 } });
    expect((await call('GET')).body['certificates']).toEqual([expect.objectContaining({ state: 'erased' })]);
  });
});

describe('a certificate that is presented', () => {
  it('is kept once, however often and at whichever replica it is presented', async () => {
    const second = await openCertificates({ database: gateway.database });
    try {
      const { wallet, shown } = await makeHolder();
      const caller = await RawCaller.open(gateway.origin, wallet);
      const callers = [caller, caller.at(second.origin), caller, caller.at(second.origin)];
      const answers = await Promise.all(callers.map((one) => post(one, shown)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
      expect(new Set(answers.map((answer) => jsonOf(answer)['auditLeaf'])).size).toBe(1);
      expect(await list(caller)).toMatchObject([view]);
    } finally {
      await second.stop();
    }
  });

  it('leaves nothing of what was not asked for, though it is disclosed, and nothing readable of what was', async () => {
    const { wallet, held } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    const shown = await wallet.show(held, gatewayKey, ['name', 'role', 'salary']);
    expect(await post(caller, shown)).toMatchObject({ status: 201 });
    expect(await list(caller, '?values=true')).toEqual([
      expect.objectContaining({ fields: ['name', 'role'], values: { name: 'Ann Ode', role: 'buyer' } }),
    ]);
    expect(await list(caller)).toEqual([expect.not.objectContaining({ values: expect.anything() })]);
    const rows = await dumpRows(gateway);
    expect(rows).toContain(held.serialNumber);
    for (const value of Object.values(fields)) {
      expect(rows).not.toContain(value);
      expect(rows).not.toContain(Buffer.from(value).toString('hex'));
      expect(rows).not.toContain(Buffer.from(value).toString('base64'));
    }
    // Nor the ciphertexts that the certifier made: with a keyring that leaks later they would be readable again.
    for (const ciphertext of Object.values(held.fields)) expect(rows).not.toContain(ciphertext.slice(0, 40));
  });

  it('is shown to nobody else, and erased by nobody else', async () => {
    const { wallet, shown } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    await post(caller, shown);
    const other = await RawCaller.open(gateway.origin, new CertificateWallet());
    expect(await list(other, '?values=true')).toEqual([]);
    expect(jsonOf(await other.send({ method: 'DELETE', url: '/v1/certificates' }))).toEqual({
      erased: 0,
      auditLeaf: null,
    });
    expect(await list(caller)).toEqual([expect.objectContaining({ state: 'held' })]);
  });

  it('is refused, each for its reason, and leaves nothing', async () => {
    const { wallet, held, shown } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    const stranger = await new TestCertifier().issue(wallet.identityKey, { type: TYPE, fields });
    const otherType = await certifier.issue(wallet.identityKey, { type: makeCertificateType(8), fields });
    const lacking = await certifier.issue(wallet.identityKey, { type: TYPE, fields: { name: 'Ann Ode' } });
    const another = await makeHolder();
    const cases: readonly [unknown, number, string][] = [
      [{}, 400, 'certificate-malformed'],
      [await wallet.show(stranger, gatewayKey, ['name', 'role']), 403, 'certificate-untrusted'],
      [await wallet.show(otherType, gatewayKey, ['name', 'role']), 403, 'certificate-untrusted'],
      [another.shown, 403, 'certificate-foreign'],
      [await wallet.show(lacking, gatewayKey, ['name']), 422, 'certificate-field-missing'],
      [await wallet.show(held, gatewayKey, ['name']), 422, 'certificate-field-missing'],
      [{ ...shown, keyring: another.shown['keyring'] }, 422, 'certificate-undecryptable'],
      [await wallet.show(held, certifier.identityKey, ['name', 'role']), 422, 'certificate-undecryptable'],
      [{ ...shown, fields: another.shown['fields'] }, 422, 'certificate-signature-invalid'],
    ];
    for (const [given, status, code] of cases)
      expect([code, await post(caller, given)]).toMatchObject([code, { status, code }]);
    expect(await list(caller)).toEqual([]);
  });
});

describe('an erasure', () => {
  it('destroys the values for good, also for those who hold the gateway and the rows of before, and leaves the audit as it was', async () => {
    const { wallet, shown } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    const { auditLeaf, certificateHash } = jsonOf(await post(caller, shown));
    const readLeaf = async (index: number): Promise<Buffer> => {
      const rows = await gateway.pool.query<{ leaf: Buffer }[]>(
        'select leaf from portcullis.audit_leaf where index = $1',
        [index],
      );
      return rows[0]!.leaf;
    };
    const before = await readLeaf(Number(auditLeaf));
    const erased = jsonOf(await caller.send({ method: 'DELETE', url: '/v1/certificates' }));
    expect(erased).toMatchObject({ erased: 1 });
    expect(await list(caller, '?values=true')).toEqual([
      expect.objectContaining({ certificateHash, state: 'erased', fields: ['name', 'role'] }),
    ]);
    expect(await list(caller, '?values=true')).toEqual([expect.not.objectContaining({ values: expect.anything() })]);
    expect(await readLeaf(Number(auditLeaf))).toEqual(before);
    expect(decodeLeaf(before)).toMatchObject({ decision: 'presented', subject: certificateHash });
    expect(decodeLeaf(await readLeaf(Number(erased['auditLeaf'])))).toMatchObject({
      ...{ decision: 'erased', subject: wallet.identityKey },
    });
    const [row] = await gateway.database.owner.query<{ keys: string }[]>(
      'select count(*) as keys from portcullis.subject_key where subject = $1',
      [wallet.identityKey],
    );
    expect(row?.keys).toBe('0');
  });

  it('while the same certificate is presented leaves it readable or erased, never in between', async () => {
    const { wallet, shown } = await makeHolder();
    const caller = await RawCaller.open(gateway.origin, wallet);
    await post(caller, shown);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, place) =>
        place % 3 === 0 ? caller.send({ method: 'DELETE', url: '/v1/certificates' }) : post(caller, shown),
      ),
    );
    expect(answers.map(({ status, code }) => [status, code]).filter(([status]) => Number(status) >= 500)).toEqual([]);
    const [found] = await list(caller, '?values=true');
    expect(found?.['values']).toEqual(found?.['state'] === 'held' ? { name: 'Ann Ode', role: 'buyer' } : undefined);
  });
});

describe('one serial number with two contents', () => {
  it('is the first that comes, at whichever replica, and a conflict for the other', async () => {
    const second = await openCertificates({ database: gateway.database });
    try {
      for (let round = 0; round < 5; round += 1) {
        const { wallet, held, shown } = await makeHolder();
        const { serialNumber } = held;
        const other = await certifier.issue(wallet.identityKey, { type: TYPE, fields, serialNumber });
        const caller = await RawCaller.open(gateway.origin, wallet);
        const rival = await wallet.show(other, gatewayKey, ['name', 'role']);
        const answers = await Promise.all([post(caller, shown), post(caller.at(second.origin), rival)]);
        expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
        expect(await list(caller)).toHaveLength(1);
      }
    } finally {
      await second.stop();
    }
  });

  it('of two subjects is one too', async () => {
    const first = await makeHolder();
    const { serialNumber } = first.held;
    const second = await makeHolder({ serialNumber });
    const [a, b] = [
      await RawCaller.open(gateway.origin, first.wallet),
      await RawCaller.open(gateway.origin, second.wallet),
    ];
    const answers = await Promise.all([post(a, first.shown), post(b, second.shown)]);
    expect(answers.map(({ status, code }) => `${status} ${code}`).sort()).toEqual([
      '201 undefined',
      '409 certificate-conflict',
    ]);
  });
});

describe('a gateway', () => {
  it('that asks for none takes none', async () => {
    const plain = await openCertificates({ settings: { certificates: [] } });
    try {
      const { wallet, shown } = await makeHolder();
      const caller = await RawCaller.open(plain.origin, wallet);
      expect(await post(caller, shown)).toMatchObject({ status: 403, code: 'certificate-untrusted' });
    } finally {
      await plain.stop();
    }
  });

  it('that needs them revocable does not take one that nobody can revoke, nor one that nobody knows about', async () => {
    const strict = await openCertificates({ settings: { certificates: [{ ...rules[0]!, revocable: true }] } });
    try {
      const { wallet, shown } = await makeHolder();
      const caller = await RawCaller.open(strict.origin, wallet);
      expect(await post(caller, shown)).toMatchObject({ status: 403, code: 'certificate-untrusted' });
      const outpoint = `${'cd'.repeat(32)}.0`;
      const unasked = await certifier.issue(wallet.identityKey, { type: TYPE, fields, outpoint });
      const answer = await post(caller, await wallet.show(unasked, gatewayKey, ['name', 'role']));
      expect(answer).toMatchObject({ status: 503, code: 'revocation-unknown' });
    } finally {
      await strict.stop();
    }
  });
});
