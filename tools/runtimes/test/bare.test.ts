import { createContext, Script } from "node:vm";
import { expect, test } from "vitest";
import { bundlePrograms } from "../bundle.ts";

/** What engines lack that are still in use on phones. */
const TAKEN_AWAY = `
  for (const name of ["at", "findLast", "findLastIndex", "toSorted", "toReversed", "with"]) delete Array.prototype[name];
  for (const name of ["at", "isWellFormed", "toWellFormed"]) delete String.prototype[name];
  for (const name of ["groupBy"]) delete Object[name];
  for (const name of ["any", "withResolvers"]) delete Promise[name];
  for (const name of ["AggregateError", "WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics", "Intl", "WebAssembly"])
    delete globalThis[name];
  const all = Symbol;
  globalThis.Symbol = new Proxy(all, { get: (target, name) => (/ispose$/.test(String(name)) ? undefined : target[name]) });
  const Whole = Error;
  globalThis.Error = new Proxy(Whole, { construct: (target, [message], self) => Reflect.construct(target, [message], self) });
  globalThis.navigator = { product: "ReactNative" };
`;

/** A realm with the language alone, and what React Native has: timers, signals of its own kind, a source of randomness. */
async function runOnPhone(program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const context = createContext({
      report: resolve,
      setTimeout,
      clearTimeout,
      crypto: { getRandomValues: <T extends Uint8Array>(bytes: T): T => bytes.fill(7) },
    });
    try {
      new Script(`(() => {${TAKEN_AWAY}})()`).runInContext(context);
      new Script(program, { filename: "phone.js" }).runInContext(context);
    } catch (error) {
      reject(error);
    }
  });
}

test("a log is written, read, followed and mirrored on a runtime without the web's interfaces", async () => {
  const program = await bundlePrograms(["phone-globals.ts", "bare.ts"]);
  expect(await runOnPhone(program)).toBe(
    "done: 40 read, 41 followed, 41 mirrored; without: " +
      "AbortController: ERR_UNSUPPORTED runtime AbortController / ERR_UNSUPPORTED runtime AbortController; " +
      "BigInt: ERR_UNSUPPORTED runtime BigInt / ERR_UNSUPPORTED runtime BigInt; " +
      "crypto: ERR_UNSUPPORTED runtime crypto.getRandomValues / opened",
  );
});
