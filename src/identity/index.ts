export { callerOf } from './caller';
export type { Caller } from './caller';
export { CertificateExchange } from './certificate-exchange';
export type { CertificateDesk, CertificateVerdict } from './certificate-exchange';
export { IdentityModule } from './identity.module';
export { OrganisationDirectory } from './organisation-directory';
export { registerIdentity } from './register-identity';
export { signHeadOnly } from './sign-stream';
