// A walk over a graph whose nodes are fetched.

/**
 * Visits things that lead to others, at most a number of them side by side, until none is left. What was found last is
 * visited first, which keeps the queue short. Rejects with the first failure; nothing new begins after it.
 *
 * @param first - where to begin
 * @param width - the most visits at once
 * @param visit - visits one, and returns those that it leads to
 */
export function visitAll<Thing>(
  first: readonly Thing[],
  width: number,
  visit: (thing: Thing) => Promise<readonly Thing[]>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const waiting = [...first].reverse();
    let underWay = 0;
    let failed = false;
    const advance = (): void => {
      while (!failed && underWay < width && waiting.length > 0) {
        underWay++;
        visit(waiting.pop() as Thing).then(found, fail);
      }
      if (underWay === 0 && !failed) resolve();
    };
    const found = (things: readonly Thing[]): void => {
      underWay--;
      waiting.push(...[...things].reverse());
      advance();
    };
    const fail = (error: unknown): void => {
      failed = true;
      reject(error);
    };
    advance();
  });
}
