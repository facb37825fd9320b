// What tests of promises need of the event loop.

/** Resolves after a turn of the event loop: everything that could continue without waiting for input or a timer has done so. */
export function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * The rejections that nobody handled while some work ran, and in the turn of the event loop after it.
 *
 * @throws what `work` throws
 */
export async function unhandledDuring(work: () => Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    await work();
    await tick();
  } finally {
    process.off("unhandledRejection", note);
  }
  return unhandled;
}
