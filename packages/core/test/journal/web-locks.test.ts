import { setTimeout as delay } from "node:timers/promises";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { JournalLockedError } from "../../src/index.ts";
import { takeOwnership } from "../../src/journal/ownership.ts";

/** Locks as browsers have them, except that letting go of one takes its time. */
class SlowLocks {
  readonly held = new Set<string>();

  async request(name: string, _: object, callback: (lock: unknown) => Promise<void>): Promise<void> {
    await Promise.resolve();
    if (this.held.has(name)) return callback(null);
    this.held.add(name);
    await callback({ name });
    await delay(10);
    this.held.delete(name);
  }
}

/** A database that has a name, as those of browsers. */
class NamedLevel extends MemoryLevel {
  readonly location: string;
  readonly namePrefix: string;
  constructor(location: string, namePrefix = "") {
    super();
    this.location = location;
    this.namePrefix = namePrefix;
  }
}

let locks: SlowLocks;

beforeEach(() => {
  locks = new SlowLocks();
  vi.stubGlobal("navigator", { locks });
});

afterEach(() => vi.unstubAllGlobals());

test("a journal that was closed can be opened again at once, however slow the browser is", async () => {
  for (let i = 0; i < 3; i++) {
    const release = await takeOwnership(new NamedLevel("journal"));
    expect(locks.held.size).toBe(1);
    await release();
    expect(locks.held.size).toBe(0);
  }
});

test("a database that is refused is closed again, and can be opened later", async () => {
  const release = await takeOwnership(new NamedLevel("journal"));
  const second = new NamedLevel("journal");
  await expect(takeOwnership(second)).rejects.toThrow(JournalLockedError);
  expect(second.status).toBe("closed");
  await release();
  await (await takeOwnership(second))();
});

test("a database that can't be opened leaves no lock behind", async () => {
  const broken = new NamedLevel("journal");
  const cause = new Error("no room");
  vi.spyOn(broken, "open").mockRejectedValue(cause);
  await expect(takeOwnership(broken)).rejects.toMatchObject({ code: "ERR_JOURNAL", cause });
  expect(locks.held.size).toBe(0);
  await (await takeOwnership(new NamedLevel("journal")))();
});

test("databases whose names differ in the prefix alone do not lock each other out", async () => {
  const first = await takeOwnership(new NamedLevel("journal", "a-"));
  const second = await takeOwnership(new NamedLevel("journal", "b-"));
  expect(locks.held.size).toBe(2);
  await Promise.all([first(), second()]);
});

test("a browser that refuses the request for a lock is told, with its cause", async () => {
  const cause = new Error("not allowed here");
  vi.stubGlobal("navigator", { locks: { request: () => Promise.reject(cause) } });
  const database = new NamedLevel("journal");
  await expect(takeOwnership(database)).rejects.toMatchObject({ code: "ERR_JOURNAL", cause });
  expect(database.status).toBe("closed");
});

test("a lock that the browser took away does not keep a journal from being closed", async () => {
  const request = async (_name: string, _options: object, callback: (lock: unknown) => Promise<void>) => {
    await callback({});
    throw new Error("stolen");
  };
  vi.stubGlobal("navigator", { locks: { request } });
  const database = new NamedLevel("journal");
  await (await takeOwnership(database))();
  expect(database.status).toBe("closed");
});

test("the lock is that of the database, also for other versions, and is only taken if nobody has it", async () => {
  const request = vi.spyOn(locks, "request");
  const other = new NamedLevel("journal");
  Object.assign(other, { namePrefix: undefined });
  for (const database of [new NamedLevel("journal", "level-js-"), other])
    await (await takeOwnership(database))();
  expect(request.mock.calls.map(([name, options]) => [name, options])).toEqual([
    ["remote-log:journal:level-js-journal", { ifAvailable: true }],
    ["remote-log:journal:journal", { ifAvailable: true }],
  ]);
  // A database that has no name is nobody else's.
  Object.assign(other, { location: undefined });
  await (await takeOwnership(other))();
  expect(request).toHaveBeenCalledTimes(2);
});

test("without Web Locks, a database is refused while it is in use here, and stays open", async () => {
  vi.stubGlobal("navigator", undefined);
  const database = new NamedLevel("journal");
  const release = await takeOwnership(database);
  await expect(takeOwnership(database)).rejects.toMatchObject({ code: "ERR_JOURNAL_LOCKED" });
  expect(database.status).toBe("open");
  await release();
  await (await takeOwnership(database))();
});
