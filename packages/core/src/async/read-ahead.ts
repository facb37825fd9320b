// Reads side by side, results in order.

/**
 * Reads items side by side and yields the results in the order of the items.
 *
 * No more than `width` results are under way or wait to be taken, so that memory is bounded by them: the one with which they reach
 * it is the last. A failure,
 * of a read or of the source of items, ends the stream at its place, after everything before it was yielded.
 *
 * @param read - may answer at once, without a promise
 * @param weigh - how much of the width an item takes; default 1
 */
export async function* readAhead<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  width: number,
  read: (item: Item) => Result | Promise<Result>,
  weigh: (item: Item) => number = () => 1,
): AsyncGenerator<Result, void, undefined> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const waiting: { readonly result: Result | Promise<Result>; readonly weight: number }[] = [];
  let taken = 0;
  const next = (): Result | Promise<Result> => {
    const { result, weight } = waiting.shift()!;
    taken -= weight;
    return result;
  };
  try {
    for (;;) {
      let result: Result | Promise<Result>;
      let weight = 0;
      try {
        const step = await source.next();
        if (step.done) break;
        weight = weigh(step.value);
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
      waiting.push({ result, weight });
      taken += weight;
      while (taken >= width && waiting.length > 0) yield await next();
    }
    while (waiting.length > 0) yield await next();
  } finally {
    await source.return?.();
  }
}
