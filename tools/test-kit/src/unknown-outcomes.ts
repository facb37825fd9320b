// What every adapter that speaks HTTP has to say of a failed write.

import { expect, test } from "vitest";

/**
 * Tests, for each operation, that a failed write says that its outcome is unknown, if the service may have taken it, and that
 * nothing else says so.
 *
 * @param said - the message of the error that a failed operation ends with: what failed is an HTTP status, or what `fetch` threw
 */
export function unknownOutcomes(said: (operation: string, failed: number | Error) => string): void {
  test.each([
    ["storage.put", true],
    ["storage.delete", true],
    ["names.update", true],
    ["storage.get", false],
    ["storage.has", false],
    ["names.resolve", false],
  ])(
    "a failed %s says that the outcome of a write is unknown: %s, if the node may have taken it",
    (operation, isWrite) => {
      for (const failed of [500, 502, 408, 504, new TypeError("fetch failed")]) {
        const message = said(operation, failed);
        expect(message.includes("The outcome of the write is unknown."), message).toBe(isWrite);
      }
      for (const status of [400, 401, 403, 405, 429, 501, 507]) {
        expect(said(operation, status)).not.toContain("outcome");
      }
    },
  );
}
