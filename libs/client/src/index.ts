export type {
  AcceptedVerdict,
  BatchAnswer,
  BatchItem,
  FoundOutput,
  Receipt,
  RefusedVerdict,
  TopicAdmittance,
  TopicEvent,
  TopicState,
  Verdict,
} from './answers';
export type {
  BasketCount,
  BasketOutput,
  BasketPage,
  BasketQuestion,
  Reservation,
  ReservationRequest,
  Stock,
} from './basket-answers';
export { GatewayClient } from './gateway-client';
export type { BasketPlacement, GatewayClientOptions, SubmissionRequest, VerificationRequest } from './gateway-client';
export type { Acceptance, Offer, OfferPage, OfferRequest } from './offer-calls';
export { PaymentTooLarge, SecondPaymentRefused } from './payment-guard';
export { GatewayProblem } from './problem';
export { StatementMismatch } from './proposal-calls';
export type { Agreement, Approval, ApprovalAnswer, ApprovalStatement, Proposal, ProposalPage } from './proposal-calls';
export type { ProblemNext, ProblemPlace } from './problem';
export { UnsignedAnswer } from './open-signed-stream';
export type { SubscribeOptions } from './subscribe';
export { openWalletFetch } from './wallet-fetch';
