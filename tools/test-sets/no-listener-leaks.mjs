// Loaded by every worker of the tests: if listeners pile up on a signal or an emitter, Node.js warns, and the run fails.

/**
 * Makes an uncaught error of a warning that listeners pile up. One signal may see a thousand operations at once and many
 * more in its life: they share one listener (`onAbort` of the core), and take it away when they are over.
 *
 * @param {Error} warning
 * @throws Error for such a warning
 */
export function failOnListenerLeaks(warning) {
  if (warning.name !== "MaxListenersExceededWarning") return;
  throw new Error("Listeners pile up: remove each, or share one (`onAbort`). The cause says where.", {
    cause: warning,
  });
}

// A test loads this a second time.
if (!process.listeners("warning").some(({ name }) => name === failOnListenerLeaks.name)) {
  process.on("warning", failOnListenerLeaks);
}
