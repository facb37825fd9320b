// What a recovery makes of heads that a former key signed: what the owner of the log did not sign counts as not there.

import { expect, test } from "vitest";
import type { SignedSuccession } from "../../src/log/succession.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { withoutSuperseded } from "../../src/writer/recover-owners.ts";
import type { Found } from "../../src/writer/recover-remotes.ts";

const { signal } = new AbortController();

/** The first entries of a history: that of the owner, or that of a thief, who replaced the entries from the third on. */
function treeOf(size: number, isThief = false): CompactRange {
  const tree = CompactRange.empty();
  for (let i = 0; i < size; i++) tree.appendLeaf(new Uint8Array(32).fill(isThief && i >= 2 ? 200 + i : i));
  return tree;
}

/** A change of the key after a number of entries and versions of the manifest. */
const succession = (size: number, versions: number): SignedSuccession =>
  ({ size, versions, note: `${size}` }) as SignedSuccession;

interface Shown {
  readonly size: number;
  readonly isThief?: boolean;
  /** How many versions of the manifest; absent: the head has none. */
  readonly versions?: number;
  readonly successions?: readonly SignedSuccession[];
}

function remoteWith({ size, isThief, versions, successions = [] }: Shown): Found {
  const manifest = versions === undefined ? undefined : { successions, checkpoint: { size: versions } };
  const head = { checkpoint: { size, root: treeOf(size, isThief).root() }, manifest };
  const view = { head, size, prefix: async (to: number) => treeOf(to, isThief) };
  return { remote: {}, revision: "1", content: new Uint8Array(0), view } as unknown as Found;
}

const nothing: Found = { ...remoteWith({ size: 0 }), view: undefined };

/** Which of them are left with what they show. */
async function left(
  found: readonly Found[],
  successions: readonly SignedSuccession[] = [],
): Promise<boolean[]> {
  const own = { successions, prefix: async (size: number) => treeOf(size) };
  const all = await withoutSuperseded(found, own, signal);
  expect(all.map(({ remote }) => remote)).toEqual(found.map(({ remote }) => remote));
  return all.map(({ view }) => view !== undefined);
}

test("while the key has never changed, all that is shown counts, and what shows nothing stays", async () => {
  const all = [remoteWith({ size: 9, isThief: true }), remoteWith({ size: 3, versions: 1 }), nothing];
  expect(await left(all)).toEqual([true, true, false]);
  expect(await left([])).toEqual([]);
});

test("of what a former key signed, the part counts that this device vouches for", async () => {
  const own = [succession(4, 1)];
  const shown = [
    { size: 4, versions: 1 },
    { size: 3 },
    { size: 2, isThief: true },
    // What the thief appended, beside the owner's entries or after them.
    { size: 3, isThief: true },
    { size: 5 },
    // What he said of the log.
    { size: 4, versions: 2 },
  ];
  expect(await left(shown.map(remoteWith), own)).toEqual([true, true, true, false, false, false]);
  expect(await left([remoteWith({ size: 9, versions: 3, successions: own }), nothing], own)).toEqual([
    true,
    false,
  ]);
  // A manifest that the former key did not sign at all is less than any.
  expect(await left([remoteWith({ size: 4 })], [succession(4, 0)])).toEqual([true]);
  expect(await left([remoteWith({ size: 4, versions: 1 })], [succession(4, 0)])).toEqual([false]);
});

test("a remote that knows of a later key than this device is asked which entries are the owner's", async () => {
  // This device is the one whose copy the owner left behind: its entries are those of the thief.
  const later = remoteWith({ size: 6, isThief: true, versions: 1, successions: [succession(5, 0)] });
  const former = [
    remoteWith({ size: 5, isThief: true }),
    remoteWith({ size: 5 }),
    remoteWith({ size: 6, isThief: true }),
  ];
  for (const found of [
    [later, ...former],
    [nothing, later, ...former],
  ]) {
    const expected = [...found.slice(0, -3).map(({ view }) => view !== undefined), true, false, false];
    expect(await left(found)).toEqual(expected);
  }
  // As many changes as this device knows of are no news: it knows which entries are its own.
  const same = { size: 3, isThief: true, versions: 1, successions: [succession(3, 0)] };
  expect(await left([remoteWith(same), remoteWith({ size: 3, isThief: true })], [succession(3, 0)])).toEqual([
    true,
    false,
  ]);
});

test("of several remotes the one with the most changes of the key says which entries are the owner's", async () => {
  const one = [succession(3, 0)];
  const two = [...one, succession(5, 1)];
  const second = remoteWith({ size: 5, versions: 1, successions: one });
  const newest = remoteWith({ size: 7, versions: 2, successions: two });
  const tooLong = remoteWith({ size: 6, versions: 1, successions: one });
  for (const found of [
    [second, newest, tooLong],
    [newest, second, tooLong],
  ])
    expect(await left(found)).toEqual([true, true, false]);
});
