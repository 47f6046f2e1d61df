export type { BatchAnswer, BatchItem, FoundOutput, Receipt, TopicAdmittance } from './answers';
export { GatewayClient } from './gateway-client';
export type { GatewayClientOptions, SubmissionRequest } from './gateway-client';
export { PaymentTooLarge, SecondPaymentRefused } from './payment-guard';
export { GatewayProblem } from './problem';
export type { ProblemNext } from './problem';
