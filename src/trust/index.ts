export { TrustModule } from './trust.module';
