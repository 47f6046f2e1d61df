export { findAtomicBeef } from './find-atomic-beef';
export { LookupModule } from './lookup.module';
