import { z } from 'zod';
import { type RejectionCode, rejections } from '#atomic-core';
import { type Problem, overlayStatusOf, writeOverlayRefusal, writeProblem } from '../ingress';
import type { Answer, Content, Operation, Parameter } from './operation';
import { listProblems, overlayRefusalSchema, problemSchema } from './problems';

type Json = Record<string, unknown>;

interface ResponseEntry extends Json {
  readonly description: string;
  readonly headers: Json;
  readonly content: Json;
}
type Responses = Readonly<Record<string, ResponseEntry>>;

export interface OpenApiDocument extends Json {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

export interface DocumentOptions {
  readonly version: string;
  readonly serverUrl?: string | undefined;
}

const PROBLEM_REFERENCE = { $ref: '#/components/schemas/Problem' };
const REQUEST_ID = { $ref: '#/components/headers/RequestId' };

/** OpenAPI 3.1 from the same schemas that read requests; nothing in it is written twice. */
export function buildDocument(operations: readonly Operation[], options: DocumentOptions): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = writeOperation(operation);
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Portcullis',
      version: options.version,
      summary: 'An enterprise integration gateway for BSV',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: options.serverUrl ?? '/' }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: COMPONENTS,
  };
}

const DESCRIPTION = `A submission is one COMMIT: everything it changes is changed together, or nothing is.

Every route under \`/v1\` needs BRC-103 mutual authentication over HTTP (BRC-104); \`AuthFetch\` of \`@bsv/sdk\` does it, and pays a 402
(BRC-105) by itself. Some routes also take people who logged in and machines with a client certificate: those say so. Every refusal is a problem document (RFC 9457) with a \`code\` of a closed table and a \`next\` step.`;

const COMPONENTS = {
  schemas: { Problem: toSchema(problemSchema) },
  headers: {
    RequestId: { description: 'Id of this request, also in the log', schema: { type: 'string', format: 'uuid' } },
  },
  securitySchemes: {
    mutualAuthentication: {
      type: 'apiKey',
      in: 'header',
      name: 'x-bsv-auth-signature',
      description: `BRC-103 over HTTP (BRC-104). Shake hands at \`POST /.well-known/auth\`, then send with every request \`x-bsv-auth-version\`,
\`x-bsv-auth-identity-key\`, \`x-bsv-auth-nonce\`, \`x-bsv-auth-your-nonce\`, \`x-bsv-auth-request-id\` and this signature over method, path, query,
signed headers and body. Answers are signed the same way by the gateway's key.`,
    },
    personSession: {
      type: 'apiKey',
      in: 'cookie',
      name: '__Host-portcullis-session',
      description: `Of somebody who logged in at \`GET /people/login\` (OpenID Connect). What changes something needs an \`Origin\` or \`Sec-Fetch-Site\` of this
gateway's own pages, and the header \`portcullis-request\` with any value. Answers are not signed. Over plain HTTP, in development, the name has no \`__Host-\`.`,
    },
    clientCertificate: {
      type: 'mutualTLS',
      description: 'A client certificate of a machine that `PORTCULLIS_TLS_CLIENTS` lists. Answers are not signed.',
    },
    callbackToken: {
      type: 'http',
      scheme: 'bearer',
      description: 'The token given to the broadcaster with the transaction',
    },
    facilitatorToken: {
      type: 'http',
      scheme: 'bearer',
      description: '`PORTCULLIS_FACILITATOR_TOKEN`, for the servers of the operator',
    },
  },
};

const SECURITY: Readonly<Record<Operation['access'], Json[]>> = {
  'brc-103': [{ mutualAuthentication: [] }],
  'callback-token': [{ callbackToken: [] }],
  'facilitator-token': [{ facilitatorToken: [] }],
  open: [],
  overlay: [{ mutualAuthentication: [] }, {}],
  person: [{ personSession: [] }, {}],
};
const KEYLESS: readonly Json[] = [{ personSession: [] }, { clientCertificate: [] }];

function writeOperation(operation: Operation): Json {
  const { operationId, tag, summary, description, access, people, parameters, body } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: people === true ? [...SECURITY[access], ...KEYLESS] : SECURITY[access],
    ...(parameters === undefined ? {} : { parameters: parameters.map(writeParameter) }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: writeContents(body) } }),
    responses: mergeResponses(
      writeAnswers(operation.answers),
      writeProblems(listProblems(operation), access === 'overlay' ? OVERLAY : NATIVE),
    ),
  };
}

/** A status can be both an answer and a refusal: `/health/ready` says 503 in its own words, the door in the problem's. */
function mergeResponses(answers: Responses, problems: Responses): Responses {
  const merged: Record<string, ResponseEntry> = { ...problems };
  for (const [status, answer] of Object.entries(answers)) {
    const problem = problems[status];
    merged[status] =
      problem === undefined
        ? answer
        : {
            description: `${answer.description} ${problem.description}`,
            headers: { ...problem.headers, ...answer.headers },
            content: { ...answer.content, ...problem.content },
          };
  }
  return merged;
}

function writeParameter({ schema, required, ...rest }: Parameter): Json {
  return { ...rest, required: rest.in === 'path' || required === true, schema: toSchema(schema) };
}

function writeAnswers(answers: Operation['answers']): Responses {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, writeAnswer(answer)]));
}

function writeAnswer({ description, contents, headers = {} }: Answer): ResponseEntry {
  const named = Object.entries(headers).map(([name, text]) => [
    name,
    { description: text, schema: { type: 'string' } },
  ]);
  return {
    description,
    headers: { 'portcullis-request-id': REQUEST_ID, ...(Object.fromEntries(named) as Json) },
    content: writeContents(contents),
  };
}

function writeContents(contents: readonly Content[]): Json {
  return Object.fromEntries(
    contents.map(({ mediaType, schema, example }) => [
      mediaType,
      {
        ...(schema === undefined ? {} : { schema: toSchema(schema) }),
        ...(example === undefined ? {} : { example }),
      },
    ]),
  );
}

/** How a kind of route words its refusals. */
interface RefusalForm {
  readonly mediaType: string;
  readonly schema: Json;
  statusOf(code: RejectionCode): number;
  exampleOf(code: RejectionCode): unknown;
}

const NATIVE: RefusalForm = {
  mediaType: 'application/problem+json',
  schema: PROBLEM_REFERENCE,
  statusOf: (code) => rejections[code].status,
  exampleOf: writeExample,
};

const OVERLAY: RefusalForm = {
  mediaType: 'application/json',
  schema: toSchema(overlayRefusalSchema),
  statusOf: (code) => overlayStatusOf(rejections[code]),
  exampleOf: (code) => writeOverlayRefusal(writeExample(code)),
};

/** One entry per status, with an example per code, so that a reader sees exactly which refusals a route knows. */
function writeProblems(codes: readonly RejectionCode[], form: RefusalForm): Responses {
  const statuses = [...new Set(codes.map((code) => form.statusOf(code)))];
  const groups = statuses.map((status) => ({
    status,
    codesOfStatus: codes.filter((code) => form.statusOf(code) === status),
  }));
  return Object.fromEntries(
    groups.map(({ status, codesOfStatus }) => [
      String(status),
      {
        description: codesOfStatus.map((code) => `\`${code}\`: ${rejections[code].sentence}`).join(' '),
        headers: { 'portcullis-request-id': REQUEST_ID, ...headersOfStatus(status) },
        content: {
          [form.mediaType]: {
            schema: { allOf: [form.schema, { properties: { code: { enum: codesOfStatus } } }] },
            examples: Object.fromEntries(codesOfStatus.map((code) => [code, { value: form.exampleOf(code) }])),
          },
        },
      },
    ]),
  );
}

function headersOfStatus(status: number): Json {
  if (status === 429 || status === 503) {
    return { 'retry-after': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 1 } } };
  }
  if (status !== 402) return {};
  const term = (description: string): Json => ({ description, schema: { type: 'string' } });
  return {
    'x-bsv-payment-version': term('1.0 (BRC-105)'),
    'x-bsv-payment-satoshis-required': term('The price'),
    'x-bsv-payment-derivation-prefix': term('Goes into the key of the payment (BRC-29) and back with it'),
  };
}

function writeExample(code: RejectionCode): Problem {
  return writeProblem({ code, detail: rejections[code].sentence }, '0f8fad5b-d9cb-469f-a165-70867728950e');
}

export function toSchema(schema: z.ZodType): Json {
  const {
    $schema: _dialect,
    id: _id,
    ...json
  } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
  return json;
}
