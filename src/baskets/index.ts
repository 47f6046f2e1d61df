export { BasketsModule } from './baskets.module';
