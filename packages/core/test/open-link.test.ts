import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { formatLink, generateSeed, openLink, openWriter, type Remote, type Writer } from "../src/index.ts";

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
