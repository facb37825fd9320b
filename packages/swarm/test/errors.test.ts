// Test set: mixed
import { Bee } from "@ethersphere/bee-js";
import { addressOf } from "@remote-log/core";
import { serverOrSkip } from "@remote-log/servers";
import { closedUrl, failure, randomBytes } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { afterEach, describe, expect, test } from "vitest";
import { swarmBmt } from "../src/chunk/hash-type.ts";
import type { SwarmStorageOptions } from "../src/options.ts";
import { swarmStorage } from "../src/storage.ts";
import { beeOfFile } from "./bee-for-tests.ts";
import { honest, silent, startNodeProxy } from "./node-proxy.ts";

const { skip } = await serverOrSkip("bee");

const url = "http://127.0.0.1:1633";

test.each<[string, Partial<Record<keyof SwarmStorageOptions, unknown>>, RegExp]>([
  ["no node", { bee: undefined }, /the URL of a node/],
  ["a client without a URL", { bee: {} }, /neither the URL/],
  ["a path", { bee: "/bee" }, /no URL/],
  ["another protocol", { bee: "ftp://127.0.0.1" }, /http:\/\/ or https/],
  ["credentials in the URL", { bee: "http://me:hidden@127.0.0.1" }, /`headers`/],
  ["a query in the URL", { bee: `${url}?hidden=1` }, /query/],
  ["a header that can't be sent", { headers: { authorization: "hidden\n" + "x: y" } }, /headers/],
  ["a stamp that is none", { stamp: "hidden" }, /64 hexadecimal digits/],
  ["a stamp with 0x", { stamp: `0x${"0".repeat(64)}` }, /without 0x/],
  ["an upload of another kind", { upload: "hidden" }, /"direct" or "deferred"/],
  ["no time to upload", { uploadMilliseconds: 0 }, /uploadMilliseconds/],
  ["no time to answer", { answerMilliseconds: -1 }, /answerMilliseconds/],
  ["half a millisecond", { usableMilliseconds: 0.5 }, /usableMilliseconds/],
  ["a largest content that is too large", { largestContent: 64 * 1024 * 1024 + 1 }, /largestContent/],
])("a storage with %s is refused, and says nothing that may be secret", (_what, options, message) => {
  const open = (): unknown => swarmStorage({ bee: url, ...options } as SwarmStorageOptions);
  expect(open).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "swarm.open" }));
  expect(open).toThrow(message);
  expect(open).not.toThrow(/hidden/);
});

test("a node that does not run is unreachable, and the error says what to check", async () => {
  const storage = swarmStorage({ bee: await closedUrl(), stamp: "0".repeat(64) });
  for (const error of [
    await failure(storage.put(randomBytes(10))),
    await failure(storage.get(await addressOf(randomBytes(10), swarmBmt))),
    await failure(storage.health()),
  ]) {
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
    expect(error.message).toMatch(/Is it running.*cors-allowed-origins/);
  }
  await storage.close();
});

describe.skipIf(skip)("what a node answers", async () => {
  if (skip) return;
  const bee = await beeOfFile();
  const stamp = await bee.buyBatch();
  const proxy = await startNodeProxy(bee.url);
  const storage = swarmStorage({ bee: proxy.url, stamp });
  atEnd(() => storage.close());
  const content = randomBytes(100);
  const address = await storage.put(content);
  afterEach(() => proxy.become(honest));

  const meanings: readonly (readonly [number, string, string, RegExp])[] = [
    [400, "ERR_UNREACHABLE", "safe", /400/],
    [401, "ERR_DENIED", "never", /`headers`/],
    [403, "ERR_DENIED", "never", /`headers`/],
    [405, "ERR_UNSUPPORTED", "never", /gateways take no writes/],
    [408, "ERR_TIMEOUT", "safe", /again/],
    [413, "ERR_TOO_LARGE", "never", /proxy/],
    [429, "ERR_UNREACHABLE", "safe", /again/],
    [500, "ERR_UNREACHABLE", "safe", /again/],
    [501, "ERR_UNSUPPORTED", "never", /Bee node/],
    [503, "ERR_UNREACHABLE", "safe", /again/],
    [504, "ERR_TIMEOUT", "safe", /again/],
    [507, "ERR_QUOTA", "never", /room/],
    [418, "ERR_UNREACHABLE", "safe", /Bee node/],
  ];

  test.each(meanings)(
    "with %i is told as %s to who writes and to who reads",
    async (status, code, retry, message) => {
      const body = JSON.stringify({ code: status, message: "because of that" });
      proxy.become(({ path }, passOn) => (path.startsWith("/chunks") ? { status, body } : passOn()));
      const all = [storage.put(randomBytes(10)), storage.get(address), storage.has(address)];
      for (const error of await Promise.all(all.map(failure))) {
        expect(error).toMatchObject({ code, retry });
        expect(error.message).toMatch(message);
        expect(error.message).toContain("because of that");
        expect(error.message).toContain(proxy.url);
      }
    },
  );

  test("in no time is a time-out", async () => {
    const hasty = swarmStorage({ bee: proxy.url, stamp, answerMilliseconds: 100, uploadMilliseconds: 100 });
    proxy.become(silent);
    const late = { code: "ERR_TIMEOUT", retry: "safe", message: expect.stringMatching(/within 100 ms/) };
    expect(await failure(hasty.put(randomBytes(10)))).toMatchObject(late);
    expect(await failure(hasty.get(address))).toMatchObject(late);
    expect(await failure(hasty.has(address))).toMatchObject(late);
    expect(await failure(hasty.health())).toMatchObject(late);
    await hasty.close();
  });

  test("is cleaned of the headers that were sent, and of what looks like a key", async () => {
    const token = "correct-horse-battery-staple";
    const own = swarmStorage({ bee: proxy.url, stamp, headers: { Authorization: `Bearer ${token}` } });
    let sent: string | undefined;
    proxy.become(({ headers }) => {
      sent = headers.authorization;
      return {
        status: 500,
        body: `{"message":"no ${headers.authorization} and no ${token}, api_key=abcdef\\u001b[31m"}`,
      };
    });
    for (const error of [await failure(own.get(address)), await failure(own.put(content))]) {
      expect(sent).toBe(`Bearer ${token}`);
      const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      expect(everything).not.toContain(token);
      expect(everything).not.toContain("abcdef");
      expect(error.message).not.toMatch(/\p{C}/u);
    }
    await own.close();
  });

  test("to a client of bee-js is asked where that client asks", async () => {
    const own = swarmStorage({ bee: new Bee(proxy.url), stamp });
    expect(await own.get(await own.put(content))).toEqual(content);
    await own.close();
  });

  test("below a path is asked there", async () => {
    const own = swarmStorage({
      bee: "http://127.0.0.1:1/swarm/",
      stamp,
      fetch: (at, init) => fetch(at.replace("http://127.0.0.1:1/swarm/", `${proxy.url}/`), init),
    });
    expect(await own.get(await own.put(content))).toEqual(content);
    await own.close();
  });

  test("after close is not waited for", async () => {
    const own = swarmStorage({ bee: proxy.url, stamp });
    proxy.become(silent);
    const asked = proxy.asked.length;
    const running = [own.put(content), own.get(address), own.has(address), own.health()].map(failure);
    await expect.poll(() => proxy.asked.length).toBeGreaterThanOrEqual(asked + 4);
    await own.close();
    for (const error of await Promise.all(running)) expect(error).toMatchObject({ code: "ERR_CLOSED" });
    expect(await failure(own.get(address))).toMatchObject({ code: "ERR_CLOSED" });
    await own.close();
  });
});
