import { createHash } from "node:crypto";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Arrival } from "@remote-log/mvds";
import { type FolderEvent, folderTransport } from "@remote-log/mvds/folder";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";

const folder = temporaryFolder;
const hash = (name: string): string => createHash("sha256").update(name).digest("hex");
const fileOf = (sender: string, time: number): string =>
  `${hash(sender)}-${String(time).padStart(15, "0")}-${"0".repeat(16)}.mvds`;

async function rootWith(): Promise<string> {
  const root = await folder();
  await mkdir(join(root, hash("bob")), { recursive: true });
  return root;
}

/** What arrives until there is as much as that, and then until the transport looks again. */
async function take(
  root: string,
  count: number,
  events: FolderEvent[] = [],
  options = {},
): Promise<Arrival[]> {
  const controller = new AbortController();
  const transport = folderTransport({
    root,
    self: "bob",
    peers: ["alice"],
    pollMilliseconds: 1,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  const found: Arrival[] = [];
  for await (const arrival of transport.receive({ signal: controller.signal })) {
    found.push(arrival);
    if (found.length === count) controller.abort();
  }
  return found;
}

test("payloads become files, which are read once, in order, and removed", async () => {
  const root = await folder();
  const alice = folderTransport({ root: join(root, "new"), self: "alice", peers: ["bob"] });
  for (let i = 0; i < 20; i++) await alice.send("bob", new Uint8Array([i]));
  const own = join(root, "new", hash("bob"));
  expect(await readdir(own)).toHaveLength(20);
  const found = await take(join(root, "new"), 20);
  expect(found.map(({ peer, payload }) => [peer, payload![0]])).toEqual(
    Array.from({ length: 20 }, (_, i) => ["alice", i]),
  );
  expect(await readdir(own)).toEqual([]);
});

test("a payload that the node did not take comes again", async () => {
  const root = await folder();
  await folderTransport({ root, self: "alice", peers: [] }).send("bob", new Uint8Array([1]));
  const bob = folderTransport({ root, self: "bob", peers: ["alice"], pollMilliseconds: 1 });
  for await (const { payload } of bob.receive()) {
    expect(payload).toEqual(new Uint8Array([1]));
    break;
  }
  expect(await take(root, 1)).toEqual([{ peer: "alice", payload: new Uint8Array([1]) }]);
  expect(await readdir(join(root, hash("bob")))).toEqual([]);
});

test("names of others, of strangers and of files that are being written are left alone", async () => {
  const root = await rootWith();
  const own = join(root, hash("bob"));
  const temporary = `.tmp-${"0".repeat(32)}`;
  // A stranger whose files come before those of Alice.
  const stranger = Array.from({ length: 99 }, (_, i) => `${i}`).find((name) => hash(name) < hash("alice"))!;
  const foreign = ["note.txt", `x${fileOf("alice", 1)}`, fileOf(stranger, 1), "y".repeat(200)];
  for (const name of [...foreign, temporary]) await writeFile(join(own, name), "x");
  await writeFile(join(own, fileOf("alice", 2)), "y");
  const events: FolderEvent[] = [];
  expect(await take(root, 1, events)).toHaveLength(1);
  expect((await readdir(own)).sort()).toEqual([...foreign, temporary].sort());
  expect(events.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => "foreign"));
  expect(events.map(({ file }) => file).sort()).toEqual(foreign.map((name) => name.slice(0, 128)).sort());
});

test("files that are too large, links and folders are told, and are no payloads", async () => {
  const root = await rootWith();
  const own = join(root, hash("bob"));
  await writeFile(join(root, "secret"), "secret");
  await writeFile(join(own, fileOf("alice", 1)), new Uint8Array(11));
  await symlink(join(root, "secret"), join(own, fileOf("alice", 2)));
  await mkdir(join(own, fileOf("alice", 3)));
  await writeFile(join(own, fileOf("alice", 4)), new Uint8Array(10));
  const events: FolderEvent[] = [];
  const found = await take(root, 1, events, { maxPayloadBytes: 10 });
  expect(found).toEqual([{ peer: "alice", payload: new Uint8Array(10) }]);
  expect(events.map(({ kind }) => kind)).toEqual(["too-large", "unreadable", "unreadable"]);
  // The folder is no file of ours to remove.
  expect(await readdir(own)).toEqual([fileOf("alice", 3)]);
});

test("when too many payloads wait for a peer, sending fails", async () => {
  const root = await folder();
  const alice = folderTransport({ root, self: "alice", peers: [], maxFiles: 2 });
  for (let i = 0; i < 2; i++) await alice.send("bob", new Uint8Array());
  await expect(alice.send("bob", new Uint8Array())).rejects.toMatchObject({
    code: "ERR_QUOTA",
    retry: "safe",
  });
  await alice.send("carol", new Uint8Array());
  await expect(
    alice.send("carol", new Uint8Array(), { signal: AbortSignal.abort(new Error("stop")) }),
  ).rejects.toThrow("stop");
});

test("a payload whose writing fails leaves nothing behind", async () => {
  const root = await folder();
  const alice = folderTransport({ root, self: "alice", peers: [] });
  const controller = new AbortController();
  const sending = alice.send("bob", new Uint8Array(1000), { signal: controller.signal });
  controller.abort(new Error("stop"));
  const outcome = await sending.then(
    () => 1,
    () => 0,
  );
  expect(await readdir(join(root, hash("bob")))).toHaveLength(outcome);
});

test("a folder that is not there yet is waited for", async () => {
  const root = await folder();
  await rm(root, { recursive: true });
  const taken = take(root, 1);
  await folderTransport({ root, self: "alice", peers: [] }).send("bob", new Uint8Array([5]));
  expect(await taken).toEqual([{ peer: "alice", payload: new Uint8Array([5]) }]);
});

test.each([
  ["root", { root: "" }],
  ["self", { self: 5 }],
  ["peers", { peers: [""] }],
  ["list of peers", { peers: "bob" }],
  ["onEvent", { onEvent: 5 }],
  ["maxFiles", { maxFiles: "5" }],
  ["pollMilliseconds", { pollMilliseconds: 0 }],
])("a wrong %s is refused", (_, wrong) => {
  const options = { root: "x", self: "alice", peers: [] };
  expect(() => folderTransport({ ...options, ...wrong } as never)).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "folder.open" }),
  );
  expect(() => folderTransport(undefined as never)).toThrow(
    "The options of folderTransport must be an object",
  );
});
