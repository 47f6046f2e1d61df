import type { Socket } from 'node:net';

/**
 * For a connection whose time is over. Node looks at its timers before its sockets: after a moment in which it came to neither, it would end a connection on
 * which the next request waits already, and whoever sent that would see a reset in place of an answer. So each is read once more before it goes.
 */
export const endIdle = (socket: Socket): void => {
  const { bytesRead } = socket;
  setImmediate(() => {
    if (socket.bytesRead === bytesRead) socket.destroy();
  });
};
