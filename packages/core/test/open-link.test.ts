import { memoryNames, memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import {
  Address,
  formatLink,
  generateSeed,
  openLink,
  openReader,
  openWriter,
  type Reader,
  type Remote,
  rawSha256,
  type Writer,
} from "../src/index.ts";
import { generateIdentity, ReaderIdentity, recipientOf } from "../src/keyring/index.ts";
import { PowerCutDatabase } from "./writer/power-cut-database.ts";

const hello = new TextEncoder().encode("hello");

async function published(remotes: readonly Remote[]): Promise<Writer> {
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes,
    publish: "manual",
  });
  await writer.append(hello);
  await writer.publish();
  return writer;
}

/** A remote that says when it is closed. */
function closable(remote: Remote): { readonly remote: Remote; readonly closed: string[] } {
  const closed: string[] = [];
  const close = (part: string) => async (): Promise<void> => void closed.push(part);
  return {
    closed,
    remote: {
      ...remote,
      storage: { ...remote.storage, close: close("storage") },
      names: { ...remote.names, close: close("names") },
    },
  };
}

test("a link is all that a reader needs: remotes, key and floor come from it, and its remotes close with the reader", async () => {
  const inner = memoryRemote();
  const writer = await published([inner]);
  const { remote, closed } = closable(inner);
  const { logId, readKey: key } = writer;
  const link = formatLink({ logId, key, remotes: ["a:one", "b:two"], floor: { size: 1 } });
  const asked: string[] = [];
  const reader = await openLink(link, {
    schemes: {
      "a:": async (uri) => {
        asked.push(uri);
        return remote;
      },
    },
  });
  expect((await reader.latest(1))[0]!.content).toEqual(hello);
  expect(asked).toEqual(["a:one"]);
  expect(closed).toEqual([]);
  await reader.close();
  await reader.close();
  expect(closed).toEqual(["storage", "names"]);

  const ahead = formatLink({ logId, key, remotes: ["a:one"], floor: { size: 2 } });
  await using late = await openLink(ahead, { schemes: { "a:": () => inner } });
  expect(await failure(late.sync())).toMatchObject({ code: "ERR_ROLLBACK" });
  await writer.close();
});

test("remotes of one's own are used, too, and stay open", async () => {
  const { remote, closed } = closable(memoryRemote());
  const writer = await published([remote]);
  const link = formatLink({ logId: writer.logId, key: writer.readKey, remotes: ["gopher:x"] });
  const reader = await openLink(link, { schemes: {}, remotes: [remote] });
  expect((await reader.latest(1))[0]!.content).toEqual(hello);
  await reader.close();
  expect(closed).toEqual([]);
  await writer.close();
});

test("if no scheme fits, it says which are named and which are given, and nothing of the key", async () => {
  const writer = await published([memoryRemote()]);
  const link = formatLink({ logId: writer.logId, key: writer.readKey, remotes: ["gopher:secret-host"] });
  // `toString` is no scheme that was given.
  const inherited = formatLink({ logId: writer.logId, remotes: ["constructor:x"] });
  for (const text of [link, inherited]) {
    const error = await failure<Error>(openLink(text, { schemes: { "s3:": () => memoryRemote() } }));
    expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", reason: "scheme" });
    expect(error.message).toMatch(/names (gopher|constructor):, and the schemes that are given are: s3:/);
    expect(error.message).not.toContain("secret-host");
    expect(error.message).not.toContain(text.slice(-8));
  }
  await writer.close();
});

test("what was opened is closed if another remote can't be, or the reader can't; the failure is the adapter's", async () => {
  const writer = await published([memoryRemote()]);
  const { remote, closed } = closable(memoryRemote());
  const link = formatLink({ logId: writer.logId, key: writer.readKey, remotes: ["a:1", "b:2"] });
  const refusal = new Error("no such place");
  const schemes = {
    "a:": () => remote,
    "b:": () => {
      throw refusal;
    },
  };
  expect(await failure(openLink(link, { schemes }))).toBe(refusal);
  expect(closed).toEqual(["storage", "names"]);
  const twice = { "a:": () => remote, "b:": () => remote };
  expect(await failure(openLink(link, { schemes: twice }))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(closed).toHaveLength(6);
  await writer.close();
});

test.each([
  ["schemes that are none", {}],
  ["a scheme that is no function", { schemes: { "a:": "s3" } }],
] as const)("%s: ERR_INVALID_INPUT says what is expected", async (_, options) => {
  const link = formatLink({ logId: "0".repeat(64), remotes: ["a:1"] });
  expect(await failure(openLink(link, options as never))).toMatchObject({
    code: "ERR_INVALID_INPUT",
    message: expect.stringMatching(/schemes/),
  });
});

test("a reader that has a link finds the remotes that the log names later, and follows a log that moved", async () => {
  for (const visibility of ["public", "private"] as const) {
    const places: Record<string, Remote> = {
      one: memoryRemote({ label: "one" }),
      two: memoryRemote({ label: "two" }),
    };
    const options = { seed: generateSeed(), settings: { visibility }, publish: "manual" as const };
    const journal = new MemoryLevel();
    const first = await openWriter({ ...options, journal, remotes: [places["one"]!] });
    await first.append(hello);
    await first.publish();
    const link = formatLink({ logId: first.logId, key: first.readKey, remotes: ["a:one"] });
    const opened: string[] = [];
    const reader = await openLink(link, {
      schemes: {
        "a:": (uri) => {
          opened.push(uri);
          return places[uri.slice(2)]!;
        },
      },
    });
    expect((await reader.sync()).size).toBe(1);
    await first.setRemotes(["a:one", "a:two", "b:unknown"]);
    await first.publish();
    await first.close();
    const moved = await openWriter({ ...options, journal, remotes: [places["two"]!] });
    await moved.append(hello);
    await moved.publish();
    const { remotes, size } = await reader.sync();
    expect(size).toBe(2);
    expect(remotes).toMatchObject([
      { label: "one", status: "behind" },
      { label: "two", status: "newest" },
    ]);
    expect(reader.status().remotes.map(({ label }) => label)).toEqual(["one", "two"]);
    expect((await reader.latest(2)).map(({ content }) => content)).toEqual([hello, hello]);
    expect(opened).toEqual(["a:one", "a:two"]);
    // What storage sees of a private log does not say where else it lives.
    const said = new TextDecoder("latin1").decode(reader.head).includes("a:two");
    expect(said).toBe(visibility === "public");
    await reader.close();
    await moved.close();
  }
});

test("a reader by name follows a log that moves, and nobody else learns where it goes", async () => {
  const bob = await generateIdentity();
  const places: Record<string, Remote> = {
    one: memoryRemote({ label: "one" }),
    two: memoryRemote({ label: "two" }),
  };
  const options = { seed: generateSeed(), publish: "manual" as const };
  const kept = new PowerCutDatabase();
  const first = await openWriter({ ...options, journal: kept, remotes: [places["one"]!] });
  await first.append(hello);
  // Without history: the key of the epoch is all that the keyring gives.
  await first.grant([await recipientOf(bob)]);
  await first.append(hello);
  await first.publish();

  const openedBy: Record<string, string[]> = { bob: [], carol: [], dave: [] };
  const followed = (who: string, identity: string): Promise<Reader> =>
    openReader({
      logId: first.logId,
      remotes: [places["one"]!],
      identity: new ReaderIdentity(identity),
      furtherRemotes: async (uris) => {
        openedBy[who]!.push(...uris);
        return uris.map((uri) => places[uri.slice(2)]!);
      },
    });
  await using reader = await followed("bob", bob);
  await using stranger = await followed("carol", await generateIdentity());
  expect((await reader.sync()).size).toBe(2);

  await first.setRemotes(["a:two"]);
  await first.publish();
  await first.close();
  const disk = new PowerCutDatabase(kept.afterPowerCut(kept.unsynced));
  const moved = await openWriter({ ...options, journal: disk, remotes: [places["two"]!] });
  // The key changes at the new place alone.
  await moved.revoke([]);
  await moved.append(hello);
  await moved.publish();

  const { size, remotes } = await reader.sync();
  expect(size).toBe(3);
  expect(remotes).toMatchObject([
    { label: "one", status: "behind" },
    { label: "two", status: "newest" },
  ]);
  const from: string[] = [];
  for await (const { sequence } of reader.from(1)) from.push(`${sequence}`);
  expect(from).toEqual(["1", "2"]);
  expect(openedBy["bob"]).toEqual(["a:two"]);
  // A reader that comes later, to the old place, finds it as well; one who is not named does not, and reads on at the old place.
  await using later = await followed("dave", bob);
  expect((await later.sync()).size).toBe(3);
  expect((await stranger.sync()).size).toBe(2);
  expect(openedBy).toEqual({ bob: ["a:two"], carol: [], dave: ["a:two"] });
  await moved.close();
});

test("a reader by name whose keyring is gone reads on where it is", async () => {
  const bob = await generateIdentity();
  const contents = new Map<string, Uint8Array>();
  const one: Remote = { label: "one", storage: memoryStorage({ contents }), names: memoryNames() };
  const writer = await published([one]);
  await writer.grant([await recipientOf(bob)], { withHistory: true });
  await writer.setRemotes(["a:two"]);
  await writer.publish();
  const keyring = writer.manifest!.epochs[0]!.keyring!;
  const address = `${Address.create(rawSha256.codec, rawSha256.hash, keyring)}`;
  const held = contents.get(address)!;
  contents.delete(address);
  const opened: string[] = [];
  await using reader = await openReader({
    logId: writer.logId,
    remotes: [one],
    identity: new ReaderIdentity(bob),
    furtherRemotes: async (uris) => {
      opened.push(...uris);
      return [];
    },
  });
  expect((await reader.sync()).size).toBe(1);
  expect(opened).toEqual([]);
  // It is looked for again.
  contents.set(address, held);
  await reader.sync();
  expect(opened).toEqual(["a:two"]);
  await writer.close();
});

test("what a manifest may say of remotes is what a link may: no credentials", async () => {
  const writer = await published([memoryRemote()]);
  const refused = { code: "ERR_INVALID_INPUT", operation: "writer.setRemotes" };
  for (const uris of [["https://a:b@c"], ["no uri"], ["a:b", "a:b"], [1], "a:b"]) {
    expect(await failure(writer.setRemotes(uris as never))).toMatchObject(refused);
  }
  expect(writer.manifest).toBeUndefined();
  await writer.setRemotes(["a:b"]);
  await writer.setRemotes([]);
  expect(writer.manifest).toMatchObject({ version: 2 });
  expect(writer.manifest).not.toHaveProperty("remotes");
  await writer.close();
});

test("openReader takes a link, with the adapters for its remotes, or with remotes of one's own", async () => {
  const remote = memoryRemote();
  const writer = await published([remote]);
  const link = formatLink({ logId: writer.logId, key: writer.readKey, remotes: ["a:one"] });
  for (const options of [{ remotes: [remote] }, { schemes: { "a:": () => remote } }]) {
    await using reader = await openReader({ link, ...options });
    expect((await reader.latest(1))[0]!.content).toEqual(hello);
  }
  expect(await failure(openReader({ link }))).toMatchObject({ code: "ERR_UNSUPPORTED", reason: "scheme" });
  expect(await failure(openReader({ link: 1 as never, remotes: [remote] }))).toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  await writer.close();
});
