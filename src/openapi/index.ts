export { buildDocument } from './build-document';
export type { OpenApiDocument } from './build-document';
export type { Operation } from './operation';
export { operations } from './operations';
export { OpenApiModule } from './openapi.module';
