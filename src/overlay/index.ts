export { letBrowsersIn } from './let-browsers-in';
export { OverlayAccess } from './overlay-access';
export { OverlayModule } from './overlay.module';
export { OverlayRoute } from './overlay-route';
