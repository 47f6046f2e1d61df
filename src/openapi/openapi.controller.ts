import { createHash } from 'node:crypto';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { CONFIG, type Config } from '../config';
import { type OpenApiDocument, buildDocument } from './build-document';
import { listOperations } from './operations';
import { VERSION } from './version';
import { PAGE_STYLE, writePage } from './write-page';

const STYLE_HASH = createHash('sha256').update(PAGE_STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The description of this gateway, for machines and for people. Built once: it depends on nothing a caller sends. */
@Controller()
export class OpenApiController {
  readonly #document: OpenApiDocument;
  readonly #page: string;

  constructor(@Inject(CONFIG) config: Config) {
    const operations = listOperations({ isCertifier: config.certifier !== undefined });
    this.#document = buildDocument(operations, { version: VERSION, serverUrl: config.publicUrl });
    this.#page = writePage(operations, { version: VERSION, network: config.network });
  }

  @Get('openapi.json')
  document(): OpenApiDocument {
    return this.#document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('referrer-policy', 'no-referrer')
  page(): string {
    return this.#page;
  }
}
