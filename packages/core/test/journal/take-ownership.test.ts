// Taking a database for one writer: what is told of each failure, and that it can be tried again after each.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { takeOwnership } from "../../src/journal/ownership.ts";
import { PowerCutDatabase } from "../writer/power-cut-database.ts";

const coded = (code: string, cause?: unknown): Error => Object.assign(new Error(code, { cause }), { code });

test("a database is opened, belongs to one writer until it is closed, and can be taken again", async () => {
  const database = new PowerCutDatabase();
  const [open, close] = [vi.spyOn(database, "open"), vi.spyOn(database, "close")];
  const release = await takeOwnership(database);
  expect([open.mock.calls.length, close.mock.calls.length]).toEqual([1, 0]);
  expect(await failure(takeOwnership(database))).toMatchObject({ code: "ERR_JOURNAL_LOCKED" });
  // The second one did not touch it.
  expect([open.mock.calls.length, close.mock.calls.length]).toEqual([1, 0]);
  await release();
  expect(close).toHaveBeenCalledTimes(1);
  await (await takeOwnership(database))();
});

test.each([
  { what: "a lock", cause: coded("LEVEL_LOCKED"), expected: { code: "ERR_JOURNAL_LOCKED" } },
  {
    what: "a lock that the database wraps",
    cause: coded("LEVEL_DATABASE_NOT_OPEN", new Error("wrapped", { cause: coded("LEVEL_LOCKED") })),
    expected: { code: "ERR_JOURNAL_LOCKED" },
  },
  {
    what: "damage that the database wraps",
    cause: coded("LEVEL_DATABASE_NOT_OPEN", coded("LEVEL_CORRUPTION")),
    expected: { code: "ERR_JOURNAL_CORRUPT", reason: "database" },
  },
  { what: "anything else", cause: coded("EACCES"), expected: { code: "ERR_JOURNAL" } },
  { what: "what is no error", cause: "LEVEL_LOCKED", expected: { code: "ERR_JOURNAL" } },
])(
  "a database that can't be opened for $what is closed, told with the cause, and free again",
  async ({ cause, expected }) => {
    const database = new PowerCutDatabase();
    vi.spyOn(database, "open").mockRejectedValueOnce(cause);
    // Closing what did not open may fail as well: that says nothing more.
    const close = vi.spyOn(database, "close").mockRejectedValueOnce(new Error("not open"));
    expect(await failure(takeOwnership(database))).toMatchObject({ ...expected, cause });
    expect(close).toHaveBeenCalledTimes(1);
    await (await takeOwnership(database))();
  },
);

test("a database that can't be closed says so, and is free all the same", async () => {
  const database = new PowerCutDatabase();
  const release = await takeOwnership(database);
  const broken = new Error("broken");
  vi.spyOn(database, "close").mockRejectedValueOnce(broken);
  expect(await failure(release())).toBe(broken);
  await (await takeOwnership(database))();
});
