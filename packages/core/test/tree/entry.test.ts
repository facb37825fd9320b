import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { collectEntries } from "../../src/reader/collect-entries.ts";
import { ENTRY_COST, type Entry } from "../../src/tree/entry.ts";

async function* entries(count: number): AsyncGenerator<Entry> {
  for (let sequence = 0; sequence < count; sequence++) {
    yield { sequence, id: new Uint8Array(32), content: Uint8Array.of(1) };
  }
}

test("an entry counts with its content and 512 bytes, as the limit collectedBytes says", async () => {
  expect(ENTRY_COST).toBe(512);
  expect(await collectEntries(entries(3), 3 * 513)).toHaveLength(3);
  const wanted = { code: "ERR_TOO_LARGE", limit: 3 * 513 - 1 };
  expect(await failure(collectEntries(entries(3), 3 * 513 - 1))).toMatchObject(wanted);
});
