export { Plans } from './plans.service';
export { PlansModule } from './plans.module';
