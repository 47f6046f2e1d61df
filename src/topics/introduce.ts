import type { About } from './hosted-topic';
import type { ServiceMetadata } from './service-metadata';
import type { ExtensionThread } from './thread';

const NO_DOCUMENTATION = 'No documentation found!';

/** Asked once and remembered when it answered: these routes are open to anybody, and a thread has better to do. Without an answer, what the Engine says. */
export function introduce(thread: ExtensionThread, fallback: ServiceMetadata): About {
  let documentation: string | undefined;
  let metadata: ServiceMetadata | undefined;
  return {
    async documentation() {
      if (documentation !== undefined) return documentation;
      const end = await thread.run({ op: 'documentation' });
      if (end.kind === 'unavailable') return NO_DOCUMENTATION;
      return (documentation = end.kind === 'answered' && typeof end.value === 'string' ? end.value : NO_DOCUMENTATION);
    },
    async metadata() {
      if (metadata !== undefined) return metadata;
      const end = await thread.run({ op: 'metadata' });
      if (end.kind === 'unavailable') return fallback;
      const given = end.kind === 'answered' ? (end.value as Partial<ServiceMetadata>) : {};
      return (metadata = { ...fallback, ...given });
    },
  };
}
