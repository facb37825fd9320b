import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { openWriter, UnreachableError } from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { wrapRemote } from "./wrapped-remote.ts";

const seed = new Uint8Array(32).fill(11);
const numbered = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, i) => text(`entry ${from + i}`));

test("a restored backup signs nothing where a remote shows a newer head and withholds everything else", async () => {
  const one = memoryRemote({ label: "one" });
  const two = memoryRemote({ label: "two" });
  const journal = new PowerCutDatabase();
  const first = await openWriter({ ...tiny, seed, journal, remotes: [one, two] });
  await first.appendAll(numbered(0, 7));
  await first.publish();
  const backup = journal.afterPowerCut(journal.unsynced);
  const held = await one.names.resolve(first.logId);
  await first.appendAll(numbered(7, 40));
  await first.publish();

  // The first remote was set back to what the backup knows; the second has lost its storage, and not its name.
  const now = await one.names.resolve(first.logId);
  if (held.status !== "found" || now.status !== "found") throw new Error("It was published.");
  await one.names.update(first.logId, held.content, { expected: now.revision });
  let updates = 0;
  const setBack = wrapRemote(one, (call, proceed) => {
    if (call.kind === "update") updates++;
    return proceed();
  });
  const nameOnly = wrapRemote(two, (call, proceed) => {
    if (call.kind === "update") updates++;
    if (call.kind !== "get") return proceed();
    throw new UnreachableError("The storage is down.", { operation: "storage.get" });
  });
  const restored = await openWriter({
    ...tiny,
    seed,
    journal: new PowerCutDatabase(backup),
    remotes: [setBack, nameOnly],
  });
  await restored.append(text("another entry 7"));
  const error = await failure(restored.publish());
  expect(updates).toBe(0);
  expect(error).toMatchObject({ code: "ERR_RESTORED", local: 8, published: 40 });
  await restored.close();
});
