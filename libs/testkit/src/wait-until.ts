const POLL_MS = 20;

/** Waits for a condition, not for a time. Throws, saying what did not happen, after `withinMs`. */
export const waitUntil = async (
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> => {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      const missing = typeof what === 'string' ? what : what();
      throw new Error(`It did not happen within ${withinMs} ms: ${missing}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
