// What the journal notes of objects that no head leads to any more: in order, since when, and never a record that it can't read.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type Address, addressOf, rawSha256 } from "../../src/index.ts";
import { forgetRemote, forgetRemotes } from "../../src/journal/forget-remotes.ts";
import { oldObjectsKey, refKey, remoteKey, uploadsKey } from "../../src/journal/keys.ts";
import { OldObjectRecords, type OldObjectsRecord } from "../../src/journal/old-objects.ts";
import { text } from "../writer/log-contents.ts";
import { all, journalOf } from "./small-log.ts";

const [one, two, three] = (await Promise.all(
  ["one", "two", "three"].map((name) => addressOf(text(name), rawSha256)),
)) as [Address, Address, Address];

const plain = ({ tree, contents, replacements, ...more }: OldObjectsRecord) => ({
  ...more,
  ...(replacements && { replacements: replacements.map(String) }),
  tree: tree.map(String),
  contents: contents.map(String),
});

async function records(label = "here") {
  const { journal } = await journalOf(0);
  const old = new OldObjectRecords(journal, label);
  const load = async (reverse?: boolean) => (await all(old.load(reverse))).map(plain);
  return { journal, old, load };
}

test("nothing is noted if there is nothing, and what is noted is found in its order, or the newest first", async () => {
  const { journal, old, load } = await records();
  expect(await load()).toEqual([]);
  expect(await old.addOperations({ tree: [], contents: [] })).toEqual([]);
  await journal.write(await old.addOperations({ tree: [one, two], contents: [three] }), true);
  // As many of one kind as of the other.
  await journal.write(await old.addOperations({ tree: [one], contents: [two], since: 1 }, 5), true);
  const third = { tree: [two], contents: [], since: 7, replacements: [one, three] };
  await journal.write(await old.addOperations(third), true);
  await journal.write(await old.addOperations({ tree: [], contents: [three] }), true);
  const found = [
    { number: 0, shownAt: undefined, tree: [`${one}`, `${two}`], contents: [`${three}`] },
    { number: 1, shownAt: 5, tree: [`${one}`], contents: [`${two}`], since: 1 },
    {
      number: 2,
      shownAt: undefined,
      tree: [`${two}`],
      contents: [],
      since: 7,
      replacements: [`${one}`, `${three}`],
    },
    { number: 3, shownAt: undefined, tree: [], contents: [`${three}`] },
  ];
  expect(await load()).toStrictEqual(found);
  expect(await load(true)).toStrictEqual(found.toReversed());
  // Those of another remote are others.
  expect(await all(new OldObjectRecords(journal, "her").load())).toEqual([]);
  await journal.write([old.deleteOperation(0), old.deleteOperation(3)], true);
  expect(await load()).toStrictEqual(found.slice(1, 3));
  // A number is not given out again while a later one is there.
  await journal.write(await old.addOperations({ tree: [one], contents: [] }), true);
  expect((await load()).map(({ number }) => number)).toEqual([1, 2, 3]);
});

test("a record has its number also if it is large", async () => {
  const { journal, old, load } = await records();
  await journal.write([old.putOperation({ number: 66_051, shownAt: 0, tree: [one], contents: [] })], true);
  await journal.write(await old.addOperations({ tree: [two], contents: [] }), true);
  expect((await load()).map(({ number, shownAt }) => [number, shownAt])).toEqual([
    [66_051, 0],
    [66_052, undefined],
  ]);
});

test("once the name leads to none of them, all that were not marked are marked with the time", async () => {
  const { journal, old, load } = await records();
  expect(await old.shownOperations(9)).toEqual([]);
  for (const shownAt of [3, undefined, undefined])
    await journal.write(await old.addOperations({ tree: [one], contents: [], since: 4 }, shownAt), true);
  await journal.write(await old.shownOperations(9), true);
  expect((await load()).map(({ number, shownAt, since }) => [number, shownAt, since])).toEqual([
    [0, 3, 4],
    [1, 9, 4],
    [2, 9, 4],
  ]);
  expect(await old.shownOperations(12)).toEqual([]);
});

test.each([
  "nonsense",
  "null",
  "{}",
  '{"shownAt":"1","tree":[],"contents":[]}',
  '{"tree":[],"contents":[]}',
  '{"shownAt":null,"contents":[]}',
  '{"shownAt":null,"tree":["nowhere"],"contents":[]}',
  '{"shownAt":null,"tree":[],"contents":[],"since":"1"}',
  '{"shownAt":null,"tree":[],"contents":[],"replacements":["nowhere"]}',
])("a record that says %s is damaged", async (value) => {
  const { journal, load } = await records("there");
  await journal.write([{ type: "put", key: oldObjectsKey("there", 0), value: text(value) }], true);
  expect(await failure(load())).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    message: expect.stringContaining("old objects on there"),
  });
});

test("what is known of one remote is forgotten without the others, or that of all", async () => {
  const { journal } = await journalOf(2);
  const value = text("x");
  const keysOf = (label: string): Uint8Array[] => [
    refKey(label, 1, 0),
    remoteKey(label, "state"),
    uploadsKey(label, 0),
    oldObjectsKey(label, 0),
  ];
  const labels = ["one", "on", "one2"];
  await journal.write(
    labels.flatMap(keysOf).map((key) => ({ type: "put", key, value })),
    true,
  );
  const left = async () => {
    const found: string[] = [];
    for (const label of labels)
      for (const key of keysOf(label)) if ((await journal.get(key)) !== undefined) found.push(label);
    return found;
  };
  await forgetRemote(journal, "one");
  expect(await left()).toEqual(["on", "on", "on", "on", "one2", "one2", "one2", "one2"]);
  await forgetRemotes(journal);
  expect(await left()).toEqual([]);
  expect(await journal.isEmpty()).toBe(false);
});
