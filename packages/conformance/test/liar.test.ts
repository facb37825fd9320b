import { type Lie, lies, lyingRemote } from "@remote-log/conformance";
import {
  type Address,
  addressOf,
  type PutOutcome,
  rawSha256,
  type StorageBackend,
  UnreachableError,
} from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

/** A liar with three contents and a name that was set twice, and that is told to lie only then. */
async function liarWith(lie: Lie) {
  const liar = lyingRemote(memoryRemote());
  const addresses: Address[] = [];
  for (const content of [bytes(1, 2, 3), bytes(4, 5), bytes(6)])
    addresses.push(await liar.storage.put(content));
  const first = await liar.names.update("name", bytes(1), { expected: null });
  const second = await liar.names.update("name", bytes(2), { expected: first });
  liar.lie = lie;
  return { liar, addresses, first, second };
}

const read = async (lie: Lie): Promise<Uint8Array> => {
  const { liar, addresses } = await liarWith(lie);
  return liar.storage.get(addresses[0]!);
};
const resolved = async (lie: Lie) => {
  const { liar } = await liarWith(lie);
  return liar.names.resolve("name");
};

test("without a lie it passes everything on, and writes down what it saw", async () => {
  const { liar, addresses, second } = await liarWith({});
  expect(liar.label).toBe("memory");
  expect(await liar.storage.get(addresses[1]!)).toEqual(bytes(4, 5));
  expect(await liar.storage.has(addresses[1]!)).toBe(true);
  expect(await liar.names.resolve("name", { known: second })).toEqual({
    status: "unchanged",
    revision: second,
  });
  const { calls, contents, updates } = liar.history;
  expect(calls.map(({ operation }) => operation)).toEqual([
    "put",
    "put",
    "put",
    "update",
    "update",
    "get",
    "has",
    "resolve",
  ]);
  expect([...contents.keys()]).toEqual(addresses.map(String));
  expect(updates.map(({ name, content }) => [name, content])).toEqual([
    ["name", bytes(1)],
    ["name", bytes(2)],
  ]);
});

test("what goes wrong honestly is passed on too, and not written down as stored", async () => {
  const { liar } = await liarWith({});
  const conflict = await failure(liar.names.update("name", bytes(3), { expected: null }));
  expect(conflict).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  expect(liar.history.updates.length).toBe(2);
  expect(liar.history.calls.length).toBe(6);
});

test.each<[string, Lie, Uint8Array]>([
  ["one bit flipped", lies.changedContents(lies.flipBit(9)), bytes(1, 0, 3)],
  ["a bit past the end flipped", lies.changedContents(lies.flipBit(24)), bytes(0, 2, 3)],
  ["a byte less", lies.changedContents(lies.truncate()), bytes(1, 2)],
  ["a byte more", lies.changedContents(lies.extend()), bytes(1, 2, 3, 0)],
  ["nothing left", lies.changedContents(lies.empty()), bytes()],
  ["other bytes", lies.changedContents(lies.replace(bytes(9))), bytes(9)],
  ["other contents changed", lies.changedContents(lies.empty(), () => false), bytes(1, 2, 3)],
  ["what was stored next", lies.swappedContents(), bytes(4, 5)],
])("a content is read with %s", async (_how, lie, expected) => {
  expect(await read(lie)).toEqual(expected);
});

test("contents vanish after some reads", async () => {
  const { liar, addresses } = await liarWith(lies.vanishedContents(2));
  const [address] = addresses as [Address];
  expect(await liar.storage.has(address)).toBe(true);
  for (let i = 0; i < 2; i++) expect(await liar.storage.get(address)).toEqual(bytes(1, 2, 3));
  expect(await failure(liar.storage.get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(await liar.storage.has(address)).toBe(false);
});

test("an endless answer has a byte more than was asked for", async () => {
  const { liar, addresses } = await liarWith(lies.endless(100));
  expect((await liar.storage.get(addresses[0]!, { maxBytes: 7 })).length).toBe(8);
  expect((await liar.storage.get(addresses[0]!)).length).toBe(101);
  const found = await liar.names.resolve("name", { maxBytes: 7 });
  expect(found.status === "found" && found.content.length).toBe(8);
});

test.each<[string, Lie, unknown]>([
  ["changed", lies.changedName(lies.flipBit()), { status: "found", content: bytes(3), revision: "2" }],
  ["older, as it was", lies.olderName(), { status: "found", content: bytes(1), revision: "1" }],
  ["older than all there was", lies.olderName(2), { status: "absent" }],
  ["something else", lies.shownName(bytes(9), "r"), { status: "found", content: bytes(9), revision: "r" }],
  ["absent", lies.absentName(), { status: "absent" }],
])("a name shows what is %s", async (_how, lie, expected) => {
  expect(await resolved(lie)).toEqual(expected);
});

test("an older content can come under a revision that nobody has seen, and never the same one twice", async () => {
  const { liar, first, second } = await liarWith(lies.olderName(1, "new"));
  const one = await liar.names.resolve("name");
  const two = await liar.names.resolve("name");
  expect(one).toMatchObject({ status: "found", content: bytes(1) });
  const revisions = [first, second, ...[one, two].map((found) => "revision" in found && found.revision)];
  expect(new Set(revisions).size).toBe(4);
});

test("an unchanged name is unchanged to everybody", async () => {
  const { liar } = await liarWith(lies.unchangedName());
  expect(await liar.names.resolve("name", { known: "7" })).toEqual({ status: "unchanged", revision: "7" });
  expect(await liar.names.resolve("name")).toMatchObject({ status: "unchanged" });
});

test("what is acknowledged and not kept is not there", async () => {
  const { liar, second } = await liarWith(lies.keptNothing());
  const address = await liar.storage.put(bytes(7));
  expect(await liar.names.update("name", bytes(7), { expected: second })).toBe(second);
  expect(await liar.storage.has(address)).toBe(false);
  expect(await liar.names.resolve("name")).toMatchObject({ content: bytes(2) });
  liar.lie = lies.keptNothing("names");
  expect(await liar.storage.has(await liar.storage.put(bytes(7)))).toBe(true);
});

test("a write can be carried out and fail, as often as was said", async () => {
  const { liar, second } = await liarWith(lies.doneButFailed(() => new TypeError("reset"), 1));
  expect(await failure(liar.names.update("name", bytes(3), { expected: second }))).toBeInstanceOf(TypeError);
  expect(await liar.names.resolve("name")).toMatchObject({ content: bytes(3) });
  expect(await liar.storage.has(await liar.storage.put(bytes(7)))).toBe(true);
});

test("a call can fail without being carried out", async () => {
  const down = () => new UnreachableError("It is down.", { operation: "remote.reach" });
  const { liar, second, addresses } = await liarWith(lies.failed(down, ["update", "get"]));
  const update = liar.names.update("name", bytes(3), { expected: second });
  expect(await failure(update)).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(await failure(liar.storage.get(addresses[0]!))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(await liar.names.resolve("name")).toMatchObject({ content: bytes(2) });
});

test("a slow answer comes in the end, and an abort ends the wait for it", async () => {
  const { liar, addresses } = await liarWith(lies.slow(1));
  expect(await liar.storage.get(addresses[0]!)).toEqual(bytes(1, 2, 3));
  liar.lie = lies.slow(60_000);
  const controller = new AbortController();
  const waiting = failure(liar.storage.get(addresses[0]!, { signal: controller.signal }));
  const reason = new Error("gave up");
  controller.abort(reason);
  expect(await waiting).toBe(reason);
});

test("a silent remote does what it is told, says nothing, and hears no abort", async () => {
  const { liar, second } = await liarWith(lies.silent());
  const controller = new AbortController();
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  const { signal } = controller;
  liar.names.update("name", bytes(3), { expected: second, signal }).then(end, end);
  controller.abort();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(ended).toBe(false);
  liar.lie = {};
  expect(await liar.names.resolve("name")).toMatchObject({ content: bytes(3) });
});

test("a lie of one's own can look up the truth, and two lies can be told at once", async () => {
  const { liar, addresses } = await liarWith({
    ...lies.absentName(),
    async get({ remote, history, honest }) {
      const [first] = history.contents.values();
      return new Uint8Array([first![0]!, remote.label.length, ...(await honest())]);
    },
  });
  expect(await liar.storage.get(addresses[2]!)).toEqual(bytes(1, 6, 6));
  expect(await liar.names.resolve("name")).toEqual({ status: "absent" });
});

/** A liar whose storage takes several contents at once, if that one does. */
function liarThatTakesMany(lie: Lie) {
  const remote = memoryRemote();
  const { storage } = remote;
  const putMany = vi.fn<NonNullable<StorageBackend["putMany"]>>((contents, options) =>
    Promise.allSettled(contents.map((content) => storage.put(content, options))),
  );
  const capabilities = { ...storage.capabilities, putMany: { contents: 3, bytes: 100 } };
  return { liar: lyingRemote({ ...remote, storage: { ...storage, capabilities, putMany } }, lie), putMany };
}

const contents = [bytes(1), bytes(2, 2), bytes(3)];
const textsOf = (outcomes: readonly PutOutcome[]): string[] =>
  outcomes.map((one) => (one.status === "fulfilled" ? String(one.value) : String(one.reason)));
const trueTexts = (await Promise.all(contents.map((content) => addressOf(content, rawSha256)))).map(String);

test("several contents at once are passed on and written down; a liar over a storage without has no such method", async () => {
  const { liar, putMany } = liarThatTakesMany({});
  expect(textsOf(await liar.storage.putMany!(contents))).toEqual(trueTexts);
  expect(putMany).toHaveBeenCalledTimes(1);
  expect(liar.history.calls).toMatchObject([{ operation: "putMany", contents }]);
  expect([...liar.history.contents.keys()]).toEqual(trueTexts);
  putMany.mockResolvedValueOnce([{ status: "rejected", reason: new Error("no") }]);
  await liar.storage.putMany!([bytes(9)]);
  expect(liar.history.contents.size).toBe(3);
  expect("putMany" in lyingRemote(memoryRemote()).storage).toBe(false);
});

test("a lie about put is told of each of several contents", async () => {
  const { liar, putMany } = liarThatTakesMany(lies.keptNothing());
  expect(textsOf(await liar.storage.putMany!(contents))).toEqual(trueTexts);
  expect([putMany.mock.calls.length, liar.history.contents.size]).toEqual([0, 0]);
  liar.lie = {
    put: ({ content, honest }) => (content.length > 1 ? Promise.reject(new Error("no")) : honest()),
  };
  expect(textsOf(await liar.storage.putMany!(contents))).toEqual([trueTexts[0], "Error: no", trueTexts[2]]);
  expect([...liar.history.contents.keys()]).toEqual([trueTexts[0], trueTexts[2]]);
});

test("the outcomes of several contents are told in another order, or otherwise", async () => {
  const { liar } = liarThatTakesMany(lies.otherOutcomes());
  expect(textsOf(await liar.storage.putMany!(contents))).toEqual([...trueTexts].reverse());
  liar.lie = lies.otherOutcomes((outcomes) => outcomes.slice(1));
  expect(textsOf(await liar.storage.putMany!(contents))).toEqual(trueTexts.slice(1));
  liar.lie = lies.doneButFailed(() => new Error("lost"));
  expect(await failure(liar.storage.putMany!(contents))).toMatchObject({ message: "lost" });
  expect(liar.history.contents.size).toBe(3);
});
