/** Everything that is gone through, in its order. */
export async function allOf<T>(source: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
