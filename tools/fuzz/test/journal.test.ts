import { sample, testSeed, whole } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { entryKey } from "../../../packages/core/src/journal/keys.ts";
import { type JournalWorld, makeJournalWorld } from "../journal/journal-world.ts";
import { tamperings } from "../journal/tamper.ts";
import { useTampered } from "../journal/use-tampered.ts";
import { Random } from "../random.ts";

const LAST_ENTRY = String.fromCharCode(...entryKey(13));
/** For hangs: the whole takes ten seconds, and much longer on a busy machine. */
const timeout = 1_800_000;
let world: JournalWorld;

beforeAll(async () => {
  world = await makeJournalWorld();
});

test("the journal of these tests has records of every kind, older values, an intent, and entries that nothing signed", () => {
  const records = new Set(
    [...tamperings(world, new Random(1, "kinds"))].map(({ record, way }) => `${record} ${way}`),
  );
  for (const record of [
    "genesis record",
    "signed checkpoint",
    "entry",
    "ref of a remote's index",
    "bundle on a remote",
    "tree of a remote",
  ]) {
    expect(records).toContain(`${record} has a flipped bit`);
  }
  for (const part of ["state", "intent", "content"])
    expect(records).toContain(`${part} of a remote is cut short`);
  expect(records).toContain("signed checkpoint is an older one");
  expect(world.acknowledged.length).toBeGreaterThan(world.signed);
});

test("whichever record is damaged, gone, older or another: it is noticed, or nothing that was acknowledged is lost", {
  timeout,
}, async () => {
  const all = Array.from({ length: whole ? 3 : 1 }, (_, round) => [
    ...tamperings(world, new Random(testSeed, "journal", round)),
  ]).flat();
  const kinds = new Set<string>();
  for (const tampered of sample("journal", all, 24)) {
    const what = `"${tampered.record}" ${tampered.way}, seed ${testSeed}`;
    const outcome = await useTampered(world, tampered).catch((cause: unknown) => {
      throw new Error(`A record ${what}.`, { cause });
    });
    kinds.add(outcome.kind);
    // Whoever writes checksums that fit owns the writer's device. What nothing has signed, such a person can change.
    const isLastEntry = tampered.key === LAST_ENTRY && tampered.way === "is gone";
    if (!tampered.forged && !isLastEntry) expect(outcome.kind, what).not.toBe("lost");
  }
  expect(kinds).toContain("noticed");
  expect(kinds).toContain("harmless");
});

test("the one loss that no record shows: the last entry, gone before anything was signed over it", async () => {
  const gone = new Map(world.disk);
  expect(gone.delete(LAST_ENTRY)).toBe(true);
  const tampered = { record: "entry", way: "is gone", key: LAST_ENTRY, forged: false, disk: gone };
  expect(await useTampered(world, tampered)).toEqual({ kind: "lost" });
  // An entry under a signature can't go unnoticed.
  const signed = String.fromCharCode(...entryKey(world.signed - 1));
  const cut = new Map([...world.disk].filter(([key]) => !(key.startsWith("e") && key >= signed)));
  expect(await useTampered(world, { ...tampered, key: signed, disk: cut })).toEqual({
    kind: "noticed",
    code: "ERR_JOURNAL_CORRUPT",
  });
});
