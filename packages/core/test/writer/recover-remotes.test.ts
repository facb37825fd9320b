// What a recovery makes of what the journal knows of remotes: pages of entries that were replaced go, and so does the belief in
// what somebody else put there.

import { bytesToHex } from "@noble/hashes/utils.js";
import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { contentHash, RemoteRecords } from "../../src/journal/remote-records.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { nameContent } from "../../src/remote/name-content.ts";
import { resetTrees, takeRevision } from "../../src/writer/recover-remotes.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const { signal } = new AbortController();
const remote = memoryRemote({ label: "one" });
const genesis = { genesis: { leafSize: 4 } } as never;

/** A journal that knows of full pages on remotes. */
async function journalWith(pages: Readonly<Record<string, number>>): Promise<Journal> {
  const journal = await Journal.open(new PowerCutDatabase());
  const node = { address: `${await addressOf(text("node"), rawSha256)}`, refs: 1 };
  for (const [label, count] of Object.entries(pages)) {
    const records = new RemoteRecords(journal, label);
    await journal.write([records.treeOperation({ pages: count, nodes: [node] })], true);
  }
  return journal;
}

test("pages that hold an entry which was replaced are not used again, on no remote", async () => {
  for (const [common, kept] of [
    [0, 0],
    [7, 1],
    [8, 2],
    [11, 2],
  ] as const) {
    const journal = await journalWith({ one: 5, two: 3, three: kept });
    await journal.write(await resetTrees({ journal, genesis }, common), true);
    for (const label of ["one", "two"]) {
      expect(await new RemoteRecords(journal, label).loadTree()).toEqual({ pages: kept, nodes: [] });
    }
    // Nothing that was replaced is in them: the nodes above them stay, too.
    const untouched = await new RemoteRecords(journal, "three").loadTree();
    expect([untouched.pages, untouched.nodes.length]).toEqual([kept, 1]);
  }
});

test("of a bundle that is cut nothing is used again, and what is bundled begins and ends where bundles still do", async () => {
  const wide = { genesis: { leafSize: 4, fanOut: 4 } } as never;
  const address = await addressOf(text("bundle"), rawSha256);
  for (const [common, firsts, bundled, kept, left, expected] of [
    [24, [0, 4], { from: 0, to: 8 }, 4, [0], { from: 0, to: 4 }],
    [12, [0, 4], { from: 0, to: 8 }, 0, [], { from: 0, to: 0 }],
    // Pages by themselves, before the first bundle and after the last.
    [8, [4], { from: 4, to: 8 }, 2, [], { from: 0, to: 0 }],
    [28, [0], { from: 0, to: 4 }, 7, [0], { from: 0, to: 4 }],
    [28, [], { from: 8, to: 8 }, 7, [], { from: 4, to: 4 }],
  ] as const) {
    const journal = await journalWith({ one: 9 });
    const records = new RemoteRecords(journal, "one");
    const bundles = firsts.map((first) => ({ first, address, lengths: [1, 1, 1, 1] }));
    await journal.write(
      [
        records.treeOperation({ pages: 9, nodes: [], bundled }),
        ...bundles.map((bundle) => records.bundles.putOperation(bundle)),
      ],
      true,
    );
    await journal.write(await resetTrees({ journal, genesis: wide }, common), true);
    expect(await records.loadTree()).toEqual({ pages: kept, nodes: [], bundled: expected });
    expect((await records.bundles.load(0, 100)).map(({ first }) => first)).toEqual(left);
  }
});

/** The journal's records after it took a revision over. */
async function taken(content: Uint8Array, view?: object, before?: Uint8Array) {
  const journal = await journalWith({ one: 2 });
  const records = new RemoteRecords(journal, "one");
  const uploads = new UploadRecords(journal, "one");
  const addresses = [await addressOf(text("stored"), rawSha256)];
  await journal.write(
    [1, 2].map((number) => uploads.putOperation({ number, addresses })),
    true,
  );
  if (before !== undefined) {
    const published = { size: 1, revision: "old", content: contentHash(before) };
    await journal.write(records.publishedOperations(published), true);
  }
  const found = { remote, view: view as never, revision: "new", content };
  await journal.write(await takeRevision({ journal }, found), true);
  return {
    published: await records.loadPublished(),
    doubt: await records.loadDoubt(),
    pages: (await records.loadTree()).pages,
    uploads: (await uploads.load()).length,
  };
}

const id = new Uint8Array(16).fill(5);
/** Nothing but what a name adds to it. */
const head = new Uint8Array(0);
const viewOf = (version?: number) => ({
  size: 7,
  head: version === undefined ? {} : { manifest: { manifest: { version } } },
});

test("the next update builds on what was found, and everything there is looked for", async () => {
  const content = await nameContent(remote, head, signal, id);
  const remoteId = bytesToHex(id);
  const revision = { revision: "new", content: contentHash(content) };
  for (const before of [undefined, text("another head")]) {
    expect(await taken(content, viewOf(3), before)).toEqual({
      published: { ...revision, size: 7, remoteId, manifest: 3 },
      doubt: { shown: remoteId },
      ...{ pages: 0, uploads: 0 },
    });
  }
  const without = await taken(content, viewOf());
  expect(without.published).toEqual({ ...revision, size: 7, remoteId });
});

test("what is no head of the log shows no entries, and no place", async () => {
  const { published, doubt } = await taken(text("garbage"));
  expect(published).toEqual({ size: 0, revision: "new", content: contentHash(text("garbage")) });
  expect(doubt).toEqual({ shown: null });
});

test("what this journal itself put there last is still believed", async () => {
  const content = await nameContent(remote, head, signal, id);
  expect(await taken(content, viewOf(), content)).toMatchObject({
    published: { revision: "new", size: 7 },
    ...{ doubt: undefined, pages: 2, uploads: 2 },
  });
});
