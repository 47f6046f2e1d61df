export { RateSharing } from './rate-sharing.runner';
export { RatesModule } from './rates.module';
