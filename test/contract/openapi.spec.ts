import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { createTestDatabase, makeCertificateType, type TestDatabase } from '#testkit';
import { createApplication } from '../../src/application';
import { parseSettings, resolveConfig } from '../../src/config';
import type { RouteManners } from '../../src/ingress';
import type { OpenApiDocument } from '../../src/openapi';

type Schema = Parameters<typeof z.fromJSONSchema>[0];
interface Described {
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema?: Schema }> } | undefined>;
}

// Starting PostgreSQL and the whole application takes its time on a busy machine.
const BOOT_TIMEOUT_MS = 60_000;

describe('the OpenAPI document of the real application', () => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let origin: string;
  let document: OpenApiDocument;
  const registered: string[] = [];
  const keyless: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const config = resolveConfig(
      parseSettings({
        metricsPort: 0,
        identityKey: '11'.repeat(32),
        databaseUrl: database.url,
        arcUrl: 'http://127.0.0.1:9/arc',
        role: 'api',
        // With the routes that are there only where they are wanted.
        overlayWalletUrl: 'http://127.0.0.1:9/wallet',
        organisations: { acme: ['0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'] },
        certifier: {
          organisation: 'acme',
          types: [{ type: makeCertificateType(7), fields: ['name'], askers: ['*'] }],
        },
        logLevel: 'silent',
      }),
    );
    app = await createApplication(config);
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRoute', ({ method, url, config: manners }) => {
        const routes = [method].flat().map((one) => `${one} ${url}`);
        registered.push(...routes);
        if ((manners as RouteManners | undefined)?.people === true) keyless.push(...routes);
      });
    await app.listen(0, '127.0.0.1');
    origin = `http://127.0.0.1:${String((app.getHttpServer().address() as AddressInfo).port)}`;
    document = (await (await fetch(`${origin}/openapi.json`)).json()) as OpenApiDocument;
  }, BOOT_TIMEOUT_MS);
  afterAll(async () => {
    await app.close();
    await database.drop();
  }, BOOT_TIMEOUT_MS);

  /** Reads a real answer with the very schema that the document gives for its status and media type. */
  const expectAsDescribed = async (method: string, path: string, response: Response): Promise<unknown> => {
    const mediaType = response.headers.get('content-type')?.split(';')[0] ?? '';
    const operation = document.paths[path]?.[method.toLowerCase()] as unknown as Described;
    const schema = operation.responses[String(response.status)]?.content[mediaType]?.schema;
    expect([path, response.status, mediaType, schema !== undefined]).toEqual([path, response.status, mediaType, true]);
    const body: unknown = await response.json();
    z.fromJSONSchema(inline(schema)).parse(body);
    return body;
  };
  const inline = (schema: Schema | undefined): Schema => {
    const { schemas } = document['components'] as { schemas: { Problem: unknown } };
    const problem = JSON.stringify(schemas.Problem);
    return JSON.parse(JSON.stringify(schema).replaceAll('{"$ref":"#/components/schemas/Problem"}', problem)) as Schema;
  };

  it('describes exactly the routes that are registered', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/gu, ':$1')}`),
    );
    expect(described.sort()).toEqual(registered.sort());
  });

  it('says of exactly those routes that they take people and machines without a key which do', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { security }]) => JSON.stringify(security).includes('clientCertificate'))
        .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/gu, ':$1')}`),
    );
    expect(described.sort()).toEqual(keyless.sort());
    expect(keyless).toContain('POST /v1/trust/changes');
    // What is paid, signed or kept for a key.
    for (const route of [
      'POST /v1/submissions',
      'POST /v1/certificates',
      'POST /v1/offers',
      'POST /v1/wallet/listOutputs',
    ])
      expect(keyless).not.toContain(route);
  });

  it('answers every operation that needs identity with a described 401 when there is none', async () => {
    const guarded = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'));
    for (const [path, methods] of guarded) {
      for (const method of Object.keys(methods)) {
        const response = await fetch(origin + path.replaceAll(/\{\w+\}/gu, 'none'), { method });
        expect(response.status).toBe(401);
        expect(await expectAsDescribed(method, path, response)).toMatchObject({ code: 'auth-required', next: 'fix' });
      }
    }
  });

  it('answers the open operations as it describes them', async () => {
    await expectAsDescribed('GET', '/health/live', await fetch(`${origin}/health/live`));
    const ready = await expectAsDescribed('GET', '/health/ready', await fetch(`${origin}/health/ready`));
    expect(ready).toMatchObject({ checks: { database: { ok: true } } });
    await expectAsDescribed('GET', '/openapi.json', await fetch(`${origin}/openapi.json`));
    const handshake = await fetch(`${origin}/.well-known/auth`, { method: 'POST', body: '{}' });
    await expectAsDescribed('POST', '/.well-known/auth', handshake);
    const callback = await fetch(`${origin}/callbacks/arc`, { method: 'POST', body: '{}' });
    expect(await expectAsDescribed('POST', '/callbacks/arc', callback)).toMatchObject({
      code: 'callback-unauthorised',
    });
  });

  it('answers a wrong method with 405 and the right ones, and an unknown path with 404', async () => {
    const wrong = await fetch(`${origin}/health/live`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
    const unknown = await fetch(`${origin}/none`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ type: '/docs#route-not-found', code: 'route-not-found' });
  });

  it('serves the page under a policy that allows no script and no foreign asset', async () => {
    const page = await fetch(`${origin}/docs`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/u);
    expect(await page.text()).toContain('POST</span> <code>/v1/submissions</code>');
  });
});
