// What an app on React Native has, for the shell of Hermes: that one brings the engine alone, and its timers do not wait.

interface Timer {
  readonly run: () => void;
  readonly at: number;
}

const shell = globalThis as unknown as Record<string, unknown> & { readonly print: (text: string) => void };
const later = shell["setTimeout"] as (run: () => void, milliseconds: number) => void;
const timers = new Map<number, Timer>();
let last = 0;
let isPumping = false;

function pump(): void {
  const due = [...timers].filter(([, { at }]) => at <= Date.now());
  due.sort(([one, a], [other, b]) => a.at - b.at || one - other);
  for (const [timer, { run }] of due) if (timers.delete(timer)) run();
  isPumping = timers.size > 0;
  if (isPumping) later(pump, 0);
}

Object.assign(shell, {
  report: (text: string) => shell.print(text),
  console: { assert: () => undefined, log: shell.print, warn: shell.print, error: shell.print },
  // For a test alone: these numbers are no secrets.
  crypto: {
    getRandomValues(bytes: Uint8Array): Uint8Array {
      for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(Math.random() * 256);
      return bytes;
    },
  },
  setTimeout(run: () => void, milliseconds = 0): number {
    last++;
    timers.set(last, { run, at: Date.now() + milliseconds });
    if (!isPumping) later(pump, 0);
    isPumping = true;
    return last;
  },
  clearTimeout: (timer: number) => void timers.delete(timer),
});

// What `@azure/core-asynciterator-polyfill` does.
if (Symbol.asyncIterator === undefined) {
  Object.defineProperty(Symbol, "asyncIterator", { value: Symbol.for("Symbol.asyncIterator") });
}

type Settled = PromiseSettledResult<unknown>;

// Promises of React Native have it; those of this old engine do not.
if (!("allSettled" in Promise)) {
  Object.assign(Promise, {
    allSettled: (all: Iterable<unknown>) =>
      Promise.all(
        Array.from(all, (one) =>
          Promise.resolve(one).then(
            (value): Settled => ({ status: "fulfilled", value }),
            (reason: unknown): Settled => ({ status: "rejected", reason }),
          ),
        ),
      ),
  });
}
