import { sample } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { ForkError, openReader, verifyForkEvidence } from "../../src/index.ts";
import { readerAt } from "./reader-at.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";
import { sizesTo, type WrittenLog } from "./written-log.ts";

let written: TwoBranches;
let log: WrittenLog;
let branch: WrittenLog;
let objects: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  written = await writeTwoBranches();
  ({ log, branch, objects } = written);
});

const at = (size: number): Uint8Array => log.heads.get(size)!;

test.each([
  ["equal", 50, 50],
  ["larger", 50, 60],
  ["larger, a power of two", 50, 64],
  ["smaller", 50, 40],
  ["smaller, a power of two", 50, 32],
])("a fork at %s size is proved, and freezes the log for good", async (_how, seen, offered) => {
  const { reader, remote, store } = await readerAt(written, seen);
  remote.names.show(branch.heads.get(offered)!);
  const error = await reader.sync().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ForkError);
  const { evidence } = error as ForkError;
  expect(await verifyForkEvidence(evidence)).toEqual({
    logId: log.logId,
    of: "entries",
    by: "signing-key",
    smaller: Math.min(seen, offered),
    larger: Math.max(seen, offered),
  });
  remote.names.show(at(seen + 1));
  await expect(reader.sync()).rejects.toBeInstanceOf(ForkError);
  await expect(reader.entry(0)).rejects.toBeInstanceOf(ForkError);
  // Nor does a mirror get anything of it.
  expect(() => reader.views).toThrow(ForkError);
  const reopened = await openReader({ logId: log.logId, remotes: [remote], store }).catch(
    (reason: unknown) => reason,
  );
  expect(reopened).toBeInstanceOf(ForkError);
  expect(await verifyForkEvidence((reopened as ForkError).evidence)).toBeDefined();
});

test("every fork between the two branches is proved, whatever the sizes", async () => {
  for (const seen of sample(
    "forks",
    Array.from({ length: 40 }, (_, i) => 31 + i),
    12,
  )) {
    for (const offered of [31, 32, 33, 47, 48, 49, 63, 64, 65, 70]) {
      const { reader, remote } = await readerAt(written, seen);
      remote.names.show(branch.heads.get(offered)!);
      const error = await reader.sync().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error, `${seen} and ${offered}`).toBeInstanceOf(ForkError);
      expect(await verifyForkEvidence((error as ForkError).evidence), `${seen} and ${offered}`).toBeDefined();
    }
  }
});

test("two remotes that show different histories are a fork", async () => {
  for (const size of [60, 50, 64, 70]) {
    const one = scriptedRemote(objects, at(60), { label: "one" });
    const two = scriptedRemote(objects, branch.heads.get(size), { label: "two" });
    const reader = await openReader({ logId: log.logId, remotes: [one, two] });
    await expect(reader.sync()).rejects.toBeInstanceOf(ForkError);
  }
});

test("a reader moves on to every honest larger state", async () => {
  const { reader, remote } = await readerAt(written, 0);
  for (const size of sizesTo(70).slice(1)) {
    remote.names.show(at(size));
    expect(await reader.sync()).toMatchObject({ size, advanced: true });
  }
});
