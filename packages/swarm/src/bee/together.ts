import { withSignals } from "@remote-log/core/adapter";

/**
 * Does something with each of several things side by side. The first that fails ends the others.
 *
 * @throws what the first to fail throws
 */
export async function together<T>(
  signal: AbortSignal,
  things: readonly T[],
  work: (thing: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  await withSignals([signal, failed.signal], async (linked) => {
    const all = things.map(async (thing) => {
      try {
        await work(thing, linked);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    });
    await Promise.all(all);
  });
}
