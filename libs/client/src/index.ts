export type {
  AcceptedVerdict,
  BatchAnswer,
  BatchItem,
  FoundOutput,
  Receipt,
  RefusedVerdict,
  TopicAdmittance,
  Verdict,
} from './answers';
export { GatewayClient } from './gateway-client';
export type { GatewayClientOptions, SubmissionRequest, VerificationRequest } from './gateway-client';
export { PaymentTooLarge, SecondPaymentRefused } from './payment-guard';
export { GatewayProblem } from './problem';
export type { ProblemNext, ProblemPlace } from './problem';
