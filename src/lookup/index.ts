export { findAtomicBeef } from './find-atomic-beef';
export type { AnsweredOutput, LookupAnswer, LookupQuestion } from './lookup-answer';
export { LookupModule } from './lookup.module';
export { LookupService } from './lookup.service';
export { writeAnswer } from './write-answer';
export type { WrittenAnswer } from './write-answer';
