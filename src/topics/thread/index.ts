export { ExtensionThread, UnloadableError } from './extension-thread';
export type { ThreadSettings } from './extension-thread';
export type { CallEnd } from './call-queue';
export type {
  AdmissionMode,
  ExtensionKind,
  LookupNotice,
  LookupOutcome,
  LookupQuestion,
  SpendNotificationMode,
  ThreadCall,
} from './thread-message';
