import type { AskMessage, ReplyMessage } from './conversation';
import { WireTap } from './wire-tap';

// The SDK keeps the `fetch` it finds when it is loaded, so the tap goes in first and the organisation is loaded after.
const tap = WireTap.install();
const organisation = import('./acting-organisation.js').then(({ ActingOrganisation }) => new ActingOrganisation(tap));

// AuthFetch tells of every payment on the console; the demo prints the wire itself.
console.info = console.warn = console.error = () => undefined;

const answer = async ({ id, ask }: AskMessage): Promise<ReplyMessage> => {
  try {
    return { id, reply: await (await organisation).act(ask) };
  } catch (fault) {
    return { id, fault: fault instanceof Error ? fault.message : String(fault) };
  }
};

process.on('message', (message) => {
  void answer(message as AskMessage).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
