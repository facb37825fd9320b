// Listeners that pile up fail the run, wherever they do.

import { expect, test } from "vitest";
import { failOnListenerLeaks } from "../test-sets/no-listener-leaks.mjs";

/** The warning of Node.js about what a piece of work does, or undefined if there is none. */
async function warningOf(work: () => void): Promise<Error | undefined> {
  const before = process.listeners("warning");
  process.removeAllListeners("warning");
  try {
    const warnings: Error[] = [];
    process.on("warning", (warning) => warnings.push(warning));
    work();
    await new Promise((resolve) => setImmediate(resolve));
    return warnings[0];
  } finally {
    process.removeAllListeners("warning");
    for (const listener of before) process.on("warning", listener);
  }
}

test("every worker fails if listeners pile up", () => {
  expect(process.listeners("warning").map(({ name }) => name)).toContain(failOnListenerLeaks.name);
});

test("eleven listeners on one signal are an error, ten are none, and nor are other warnings", async () => {
  const listen = (count: number) => () => {
    const { signal } = new AbortController();
    for (let i = 0; i < count; i++) signal.addEventListener("abort", () => i);
  };
  expect(await warningOf(listen(10))).toBeUndefined();
  const warning = (await warningOf(listen(11)))!;
  expect(() => failOnListenerLeaks(warning)).toThrow("Listeners pile up");
  const other = (await warningOf(() => process.emitWarning("old", "DeprecationWarning")))!;
  expect(() => failOnListenerLeaks(other)).not.toThrow();
});
