/** How a topic manager or lookup service introduces itself (`getMetaData` of `@bsv/overlay`). */
export interface ServiceMetadata {
  readonly name: string;
  readonly shortDescription: string;
  readonly iconURL?: string;
  readonly version?: string;
  readonly informationURL?: string;
}
