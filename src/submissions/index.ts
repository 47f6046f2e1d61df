export { readSignable } from './read-request';
export { readSubmission } from './read-submission';
export type { Submission } from './read-submission';
export { SubmissionsModule } from './submissions.module';
