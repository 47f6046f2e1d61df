export { VerificationsModule } from './verifications.module';
