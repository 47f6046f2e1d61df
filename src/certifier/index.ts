export { CertifierModule } from './certifier.module';
