export type { OpenApiDocument } from './build-document';
export type { Operation } from './operation';
export { OpenApiModule } from './openapi.module';
