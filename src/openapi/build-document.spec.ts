import { z } from 'zod';
import { rejections } from '#atomic-core';
import { buildDocument } from './build-document';
import { listOperations } from './operations';
import { listProblems } from './problems';
import { writePage } from './write-page';

const operations = listOperations({ isCertifier: true });
const document = buildDocument(operations, { version: '1.2.3' });
const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** The parts of OpenAPI 3.1 that this document uses, as its specification requires them. */
const schemaObject = z.union([z.looseObject({}), z.boolean()]);
const reference = z.strictObject({ $ref: z.string().regex(/^#\/components\//u) });
const mediaTypes = z.record(
  z.string().regex(/^[a-z]+\/[a-z+.-]+$/u),
  z.strictObject({
    schema: schemaObject.optional(),
    example: z.unknown().optional(),
    examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
  }),
);
const header = z.union([reference, z.strictObject({ description: z.string(), schema: schemaObject })]);
const responses = z.record(
  z.string().regex(/^[1-5]\d\d$/u),
  z.strictObject({ description: z.string().min(1), headers: z.record(z.string(), header), content: mediaTypes }),
);
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  description: z.string(),
  required: z.boolean(),
  schema: schemaObject,
});
const operationObject = z.strictObject({
  operationId: z.string().regex(/^[a-z][A-Za-z]+$/u),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(parameter).optional(),
  requestBody: z.strictObject({ required: z.literal(true), content: mediaTypes }).optional(),
  responses,
});

describe('the OpenAPI document', () => {
  it('has the shape that OpenAPI 3.1 asks for', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Portcullis', version: '1.2.3' } });
    for (const { operation } of entries) operationObject.parse(operation);
  });

  it('names every path parameter once, and every operation differently', () => {
    for (const { path, operation } of entries) {
      const named = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name);
      const described = ((operation['parameters'] ?? []) as { name: string; in: string }[]).filter(
        (one) => one.in === 'path',
      );
      expect(described.map(({ name }) => name)).toEqual(named);
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('refers only to components that exist', () => {
    expect(JSON.stringify(document)).not.toContain('$defs');
    const { components } = document as unknown as { components: Record<string, Record<string, unknown>> };
    for (const [, kind = '', name = ''] of JSON.stringify(document).matchAll(
      /"\$ref":"#\/components\/(\w+)\/(\w+)"/gu,
    )) {
      expect(components[kind]?.[name]).toBeDefined();
    }
    const schemes = new Set(
      entries.flatMap(({ operation }) => (operation['security'] as object[]).flatMap(Object.keys)),
    );
    for (const scheme of schemes) expect(components['securitySchemes']?.[scheme]).toBeDefined();
  });

  it('gives examples that its own schemas accept', () => {
    for (const { body = [], answers } of operations) {
      const contents = [...body, ...Object.values(answers).flatMap((answer) => answer.contents)];
      for (const { schema, example } of contents) if (schema && example !== undefined) schema.parse(example);
    }
  });

  it('lists every code of the closed table where it can be met', () => {
    const met = new Set(operations.flatMap(listProblems));
    // These two are answers to paths that are no operation.
    const elsewhere = ['route-not-found', 'method-not-allowed'];
    expect(Object.keys(rejections).filter((code) => !met.has(code as keyof typeof rejections))).toEqual(elsewhere);
  });

  it('asks for mutual authentication exactly under /v1, and elsewhere leaves it to the caller', () => {
    for (const { path, operation } of entries) {
      const ways = (operation['security'] as object[]).map((way) => Object.keys(way).join());
      const asked = ways.includes('mutualAuthentication') && !ways.includes('');
      expect([path, asked]).toEqual([path, path.startsWith('/v1/')]);
    }
  });
});

describe('the page', () => {
  const page = writePage(operations, { version: '1.2.3', network: 'devnet' });

  it('loads and runs nothing', () => {
    expect(page).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|src=|javascript:|url\(|@import/iu);
    expect(
      [...page.matchAll(/href="([^"]*)"/gu)].every(([, target]) => /^(?:#|\/openapi\.json$)/u.test(target ?? '')),
    ).toBe(true);
  });

  it('shows every route and every code, and says what network this is', () => {
    for (const { operationId } of operations) expect(page).toContain(`id="${operationId}"`);
    for (const code of Object.keys(rejections)) expect(page).toContain(`id="${code}"`);
    expect(page).toContain('development network');
  });

  it('escapes what it shows', () => {
    expect(writePage([], { version: '<b>&"', network: 'mainnet' })).toContain('&lt;b&gt;&amp;&quot;');
  });
});
