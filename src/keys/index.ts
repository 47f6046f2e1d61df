export { createKeyStore } from './create-key-store';
export { KeyRing, type SubjectKeyOpener } from './key-ring';
export { KeysModule } from './keys.module';
export { NativeWallet } from './native-wallet';
export { openKeyRing } from './open-key-ring';
export { planRotation } from './plan-rotation';
export { printRelayKeys } from './relay';
