import { checkReaderStore } from "@remote-log/conformance";
import { BrowserLevel } from "browser-level";
import { databaseStoreFixture } from "../reader-store/database-fixture.ts";

/** Runs the suite for stores on the database of the browser. Gives each case with how it ended and why. */
export async function runStoreSuite(): Promise<readonly string[]> {
  const fixture = databaseStoreFixture(
    "browser-level",
    async (namespace) => new BrowserLevel<Uint8Array, Uint8Array>(namespace),
  );
  const { results } = await checkReaderStore({ ...fixture, timeoutMs: 600_000 });
  return results.map(({ id, status, reason }) => `${id} ${status} ${reason}`.trim());
}
