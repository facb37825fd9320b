// Reads side by side, results in order.

/**
 * Reads items side by side and yields the results in the order of the items.
 *
 * At most `width` results are under way or wait to be taken, so that memory is bounded by them. A failure,
 * of a read or of the source of items, ends the stream at its place, after everything before it was yielded.
 *
 * @param read - may answer at once, without a promise
 */
export async function* readAhead<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  width: number,
  read: (item: Item) => Result | Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const waiting: (Result | Promise<Result>)[] = [];
  try {
    for (;;) {
      let result: Result | Promise<Result>;
      try {
        const step = await source.next();
        if (step.done) break;
        result = read(step.value);
      } catch (failure) {
        result = Promise.reject(failure);
      }
      // Until somebody takes it, nobody waits for it; whoever takes it still sees the failure.
      if (result instanceof Promise) result.catch(() => undefined);
      else if (waiting.length === 0) {
        yield result;
        continue;
      }
      waiting.push(result);
      if (waiting.length >= width) yield await waiting.shift()!;
    }
    while (waiting.length > 0) yield await waiting.shift()!;
  } finally {
    await source.return?.();
  }
}
