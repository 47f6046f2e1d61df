export { BulkPayments } from './bulk-payments.service';
export { digestRequest } from './digest-request';
export { PaidByHandler } from './paid-route.guard';
export { PaymentClaims } from './payment-claims.service';
export { PaymentGate } from './payment-gate.service';
export { Charges, listUses } from './charges.service';
export type { FundsTicket } from './payment-judge.service';
export { SATOSHIS_PAID_HEADER, writePaid } from './payment-terms';
export { PaymentsModule } from './payments.module';
