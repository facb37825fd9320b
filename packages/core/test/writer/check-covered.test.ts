// Whether a recovery brings back all that was acknowledged: from the journal, from a remote, or from both together.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { entryKey, recoveryKey } from "../../src/journal/keys.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import type { TreeView } from "../../src/tree/tree-view.ts";
import { checkCovered } from "../../src/writer/check-covered.ts";
import { journalOf, sealing, treeOf } from "../journal/small-log.ts";
import { text } from "./log-contents.ts";

const { signal } = new AbortController();

interface Case {
  /** Entries in the journal at first, and those that it lost. */
  readonly size: number;
  readonly lost?: readonly number[];
  /** Entries of the journal before the first that is missing. */
  readonly intact: number;
  /** Size of the newest state of a remote, and whether its history is another one. */
  readonly ahead?: number;
  readonly isOther?: boolean;
  readonly acknowledged?: { readonly size: number; readonly signed?: number; readonly isOther?: boolean };
  readonly signed?: number;
  /** The end of what an unfinished recovery set aside. */
  readonly aside?: number;
  readonly acceptLoss?: boolean;
}

async function covered({
  size,
  lost = [],
  intact,
  ahead,
  isOther = false,
  acknowledged,
  signed,
  aside,
  acceptLoss = false,
}: Case) {
  const { database, journal } = await journalOf(size);
  await database.batch(lost.map((sequence) => ({ type: "del", key: entryKey(sequence) })));
  if (aside !== undefined)
    await journal.write([{ type: "put", key: recoveryKey, value: text(`0 ${aside}`) }], true);
  const prefix = vi.fn<(to: number) => Promise<CompactRange>>(async (to) =>
    isOther ? otherTreeOf(to) : treeOf(to),
  );
  const view = ahead === undefined ? undefined : ({ size: ahead, prefix } as unknown as TreeView);
  const signer = { largest: signed === undefined ? undefined : { checkpoint: { size: signed } } };
  const stated = acknowledged && {
    ...{ logId: "0a".repeat(32), size: acknowledged.size, signed: acknowledged.signed ?? 0, recoveries: 0 },
    root: treeOf(acknowledged.isOther ? 1 : acknowledged.size).root(),
  };
  const parts = { journal, sealing, signer, tree: treeOf(intact) } as unknown as Parameters<
    typeof checkCovered
  >[0];
  const result = checkCovered(parts, { ahead: view, acknowledged: stated, acceptLoss }, signal);
  return { result, journal };
}

/** The tree of another history. */
function otherTreeOf(size: number): CompactRange {
  const tree = CompactRange.empty();
  for (let i = 0; i < size; i++) tree.appendLeaf(new Uint8Array(32).fill(i));
  return tree;
}

const keeps = async (what: Case) => (await covered(what)).result;
const refuses = async (what: Case) => failure((await covered(what)).result);

test("an empty journal of which nothing was acknowledged lacks nothing, and of which one entry was lacks that", async () => {
  expect(await keeps({ size: 0, intact: 0 })).toEqual({ keptTo: 0 });
  for (const ahead of [undefined, 0])
    expect(
      await refuses({ size: 0, intact: 0, acknowledged: { size: 1 }, ...(ahead === 0 && { ahead }) }),
    ).toMatchObject({ reason: "lost-for-good", lost: { from: 0, to: 1 } });
});

test("a journal that has all of it needs nobody", async () => {
  expect(await keeps({ size: 5, intact: 5 })).toEqual({ keptTo: 0 });
  expect(await keeps({ size: 5, intact: 5, acknowledged: { size: 5 }, signed: 5 })).toEqual({ keptTo: 0 });
  expect(await keeps({ size: 5, intact: 5, ahead: 9, isOther: true, acknowledged: { size: 4 } })).toEqual({
    keptTo: 0,
  });
  // What an unfinished recovery set aside is here as well.
  expect(await keeps({ size: 2, intact: 2, aside: 6, acknowledged: { size: 6 } })).toEqual({ keptTo: 0 });
});

test("a remote that has the acknowledged entries brings them back; one that has others does not", async () => {
  for (const ahead of [7, 9]) {
    expect(await keeps({ size: 5, intact: 5, ahead, acknowledged: { size: 7 } })).toEqual({ keptTo: 0 });
    expect(
      await refuses({ size: 5, intact: 5, ahead, isOther: true, acknowledged: { size: 7 } }),
    ).toMatchObject({
      reason: "lost-for-good",
      lost: { from: 5, to: 7 },
    });
  }
  // Without a witness, what was signed is all that is known.
  expect(await keeps({ size: 5, intact: 5, ahead: 7, isOther: true, signed: 7 })).toEqual({ keptTo: 0 });
});

test("a remote may close a gap before entries that the journal has: these are kept", async () => {
  const gap = { size: 9, lost: [3, 4], intact: 3 };
  for (const ahead of [5, 7]) {
    expect(await keeps({ ...gap, ahead, acknowledged: { size: 9 } })).toEqual({ keptTo: 9 });
    expect(await keeps({ ...gap, ahead, acknowledged: { size: 8 } })).toEqual({ keptTo: 8 });
  }
  expect(await refuses({ ...gap, ahead: 4, acknowledged: { size: 9 } })).toMatchObject({
    reason: "lost-for-good",
    lost: { from: 4, to: 9 },
  });
});

test("entries past a gap count only if all of them together are the acknowledged ones", async () => {
  const gap = { size: 9, lost: [3, 4], intact: 3, ahead: 5 };
  expect(await refuses({ ...gap, isOther: true, acknowledged: { size: 9 } })).toMatchObject({
    lost: { from: 5, to: 9 },
  });
  expect(await refuses({ ...gap, acknowledged: { size: 9, isOther: true } })).toMatchObject({
    lost: { from: 5, to: 9 },
  });
  // More was signed than was stated: nobody knows the rest.
  expect(await refuses({ ...gap, acknowledged: { size: 8 }, signed: 9 })).toMatchObject({
    reason: "lost-signed",
  });
  expect(await refuses({ ...gap, signed: 9 })).toMatchObject({
    reason: "lost-signed",
    lost: { from: 5, to: 9 },
  });
});

test("a database that fails while the entries past a gap are read is no loss", async () => {
  const broken = new Error("broken");
  const { result, journal } = await covered({
    size: 9,
    lost: [3],
    intact: 3,
    ahead: 5,
    acknowledged: { size: 9 },
  });
  vi.spyOn(journal, "entries").mockImplementation(() => {
    throw broken;
  });
  expect(await failure(result)).toBe(broken);
});

test("what nobody has is lost by request alone, and told", async () => {
  const what = { size: 5, intact: 5, acknowledged: { size: 8, signed: 5 }, signed: 4 };
  const error = await refuses(what);
  expect(error).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    reason: "lost-for-good",
    lost: { from: 5, to: 8 },
  });
  expect(error.message).toContain("entries 5 to 7 are neither on this device nor on any remote");
  expect(await keeps({ ...what, acceptLoss: true })).toEqual({ keptTo: 0, lost: { from: 5, to: 8 } });
  // A remote that has some of it leaves less to be lost.
  expect(await keeps({ ...what, ahead: 6, acceptLoss: true })).toEqual({
    keptTo: 0,
    lost: { from: 6, to: 8 },
  });
  expect(await keeps({ ...what, ahead: 3, acceptLoss: true })).toEqual({
    keptTo: 0,
    lost: { from: 5, to: 8 },
  });
});

test("signed entries are never lost by request, whoever knows that they were signed", async () => {
  for (const [signed, stated] of [
    [6, 0],
    [0, 6],
    [8, 6],
  ] as const) {
    const acknowledged = { size: 8, signed: stated };
    const error = await refuses({ size: 5, intact: 5, acknowledged, signed, acceptLoss: true });
    expect(error).toMatchObject({
      code: "ERR_JOURNAL_CORRUPT",
      reason: "lost-signed",
      lost: { from: 5, to: 8 },
    });
    expect(error.message).toContain(`the first ${Math.max(signed, stated)} entries were signed`);
  }
});
