import type { MigrationInterface } from 'typeorm';
import { CreateLedger1763700000000 } from './1763700000000-create-ledger';
import { CreateTransitions1763700001000 } from './1763700001000-create-transitions';
import { CreateHeaderStore1763700002000 } from './1763700002000-create-header-store';
import { CreateScriptVerdicts1763700003000 } from './1763700003000-create-script-verdicts';
import { CreateGroupCommit1763700005000 } from './1763700005000-create-group-commit';
import { BoundClaimSpends1763700006000 } from './1763700006000-bound-claim-spends';
import { NumberScriptVerdicts1763700007000 } from './1763700007000-number-script-verdicts';
import { IndexRivalHeaders1763700008000 } from './1763700008000-index-rival-headers';
import { BoundEveryLookup1763700009000 } from './1763700009000-bound-every-lookup';
import { KeepBaskets1763700010000 } from './1763700010000-keep-baskets';
import { CreateTopicState1763700011000 } from './1763700011000-create-topic-state';
import { CreateGaspPeers1763700012000 } from './1763700012000-create-gasp-peers';
import { LeanCommit1763700013000 } from './1763700013000-lean-commit';
import { CreateHotQuestions1763700016000 } from './1763700016000-create-hot-questions';
import { KeepCertificates1763700020000 } from './1763700020000-keep-certificates';
import { FindWrappedKeys1763700022000 } from './1763700022000-find-wrapped-keys';
import { WatchRevocation1763700030000 } from './1763700030000-watch-revocation';
import { KeepTrust1763700040000 } from './1763700040000-keep-trust';
import { KeepCertifications1763700050000 } from './1763700050000-keep-certifications';
import { ClaimNoncesTogether1763700055000 } from './1763700055000-claim-nonces-together';
import { ShareRates1763700056000 } from './1763700056000-share-rates';
import { IsolateOrganisations1763700060000 } from './1763700060000-isolate-organisations';
import { KeepProposals1763700070000 } from './1763700070000-keep-proposals';
import { KeepPeople1763700080000 } from './1763700080000-keep-people';
import { CountTrustApprovals1763700090000 } from './1763700090000-count-trust-approvals';
import { NoteRevocationHeight1763700095000 } from './1763700095000-note-revocation-height';
import { BoundCertifications1763700096000 } from './1763700096000-bound-certifications';
import { KeepGatewayCertificates1763700096500 } from './1763700096500-keep-gateway-certificates';
import { KeepSpendProofs1763700098000 } from './1763700098000-keep-spend-proofs';
import { RelyOnSpendProofs1763700099000 } from './1763700099000-rely-on-spend-proofs';
import { SpareEvidentRevocations1763700099500 } from './1763700099500-spare-evident-revocations';
import { BindPaymentTerms1763700110000 } from './1763700110000-bind-payment-terms';
import { KeepAccounts1763700120000 } from './1763700120000-keep-accounts';
import { KeepTreasury1763700130000 } from './1763700130000-keep-treasury';

type MigrationClass = new () => MigrationInterface;

/** Forward only, oldest first. A released migration is never edited. */
export const migrations: readonly MigrationClass[] = [
  CreateLedger1763700000000,
  CreateTransitions1763700001000,
  CreateHeaderStore1763700002000,
  CreateScriptVerdicts1763700003000,
  CreateGroupCommit1763700005000,
  BoundClaimSpends1763700006000,
  NumberScriptVerdicts1763700007000,
  IndexRivalHeaders1763700008000,
  BoundEveryLookup1763700009000,
  KeepBaskets1763700010000,
  CreateTopicState1763700011000,
  CreateGaspPeers1763700012000,
  LeanCommit1763700013000,
  CreateHotQuestions1763700016000,
  KeepCertificates1763700020000,
  FindWrappedKeys1763700022000,
  WatchRevocation1763700030000,
  KeepTrust1763700040000,
  KeepCertifications1763700050000,
  ClaimNoncesTogether1763700055000,
  ShareRates1763700056000,
  IsolateOrganisations1763700060000,
  KeepProposals1763700070000,
  KeepPeople1763700080000,
  CountTrustApprovals1763700090000,
  NoteRevocationHeight1763700095000,
  BoundCertifications1763700096000,
  KeepGatewayCertificates1763700096500,
  KeepSpendProofs1763700098000,
  RelyOnSpendProofs1763700099000,
  SpareEvidentRevocations1763700099500,
  BindPaymentTerms1763700110000,
  KeepAccounts1763700120000,
  KeepTreasury1763700130000,
];

/** The name of the newest migration that this binary knows. */
export const schemaVersion: string = migrations.at(-1)?.name ?? '';
