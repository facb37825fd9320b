import { beforeAll, expect, test } from "vitest";
import { openReader, UnreachableError } from "../../src/index.ts";
import { collect, expectEntries } from "./read-whole.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";
import type { WrittenLog } from "./written-log.ts";

let written: TwoBranches;
let log: WrittenLog;
let objects: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  written = await writeTwoBranches();
  ({ log, objects } = written);
});

const at = (size: number): Uint8Array => log.heads.get(size)!;
const unreachable = (): UnreachableError =>
  new UnreachableError("No answer.", { operation: "names.resolve" });

test("of two remotes the one with the newer state is read, and the other reported as behind", async () => {
  const old = scriptedRemote(objects, at(40), { label: "old" });
  const fresh = scriptedRemote(objects, at(60), { label: "new" });
  const reader = await openReader({ logId: log.logId, remotes: [old, fresh] });
  const result = await reader.sync();
  expect(result).toMatchObject({
    size: 60,
    remotes: [
      { label: "old", status: "behind", size: 40 },
      { label: "new", status: "newest", size: 60 },
    ],
  });
});

test.each([
  [
    "lies",
    (remote: ReturnType<typeof scriptedRemote>) => remote.names.show(new Uint8Array([1, 2, 3])),
    "failed",
  ],
  ["is down", (remote: ReturnType<typeof scriptedRemote>) => remote.names.fail(unreachable()), "failed"],
  [
    "has nothing",
    (remote: ReturnType<typeof scriptedRemote>) => remote.names.answer({ status: "absent" }),
    "absent",
  ],
])("where one of two remotes %s, the log is read from the other", async (_what, breakIt, status) => {
  const broken = scriptedRemote(objects, at(60), { label: "broken" });
  breakIt(broken);
  const sound = scriptedRemote(objects, at(60), { label: "sound" });
  const reader = await openReader({ logId: log.logId, remotes: [broken, sound] });
  expect((await reader.sync()).remotes).toMatchObject([{ status }, { status: "newest" }]);
  const delivery = await collect(reader.from(0));
  expect(delivery.error).toBeUndefined();
  expectEntries(delivery.entries, log.entries);
  expect(delivery.entries.length).toBe(60);
});

test("a mirror that never showed the newest state is behind, not rolled back, while the other remote is down", async () => {
  const mirror = scriptedRemote(objects, at(40), { label: "mirror" });
  const first = scriptedRemote(objects, at(60), { label: "first" });
  const reader = await openReader({ logId: log.logId, remotes: [mirror, first], retries: 0 });
  await reader.sync();
  first.names.fail(unreachable());
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_STALE", retry: "safe" });
  mirror.names.show(at(39));
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_ROLLBACK", retry: "never" });
});
