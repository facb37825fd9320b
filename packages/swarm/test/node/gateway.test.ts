import { gzipSync } from "node:zlib";
import { deriveKeys, generateSeed, openReader } from "@remote-log/core";
import { serverOrSkip, startBee } from "@remote-log/servers";
import { swarmRemoteFromUri } from "@remote-log/swarm";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { publishLog } from "../attack/attacked-log.ts";
import { type Between, startNodeProxy, type Told } from "../node-proxy.ts";
import { readOnly, startGateway } from "./read-only-gateway.ts";

const { skip } = await serverOrSkip("bee");
const utf8 = (words: string): Uint8Array => new TextEncoder().encode(words);

describe.skipIf(skip)("through a gateway that serves chunks alone", async () => {
  if (skip) return;
  const bee = await startBee();
  afterAll(() => bee.stop());
  const stamp = await bee.buyBatch();
  const log = await publishLog({ url: bee.url, stamp, sizes: [3, 20, 40] });
  const gateway = await startGateway(bee.url);

  beforeEach(() => {
    gateway.become(readOnly());
    gateway.asked.length = 0;
  });

  const uriOf = (...urls: readonly string[]): string =>
    `swarm://${log.owner}/${log.topic}?${urls.map((url) => `gateway=${encodeURIComponent(url)}`).join("&")}`;
  const remoteAt = (url: string = gateway.url) => swarmRemoteFromUri(uriOf(url));

  async function read(remote = remoteAt()): Promise<string[]> {
    await using reader = await openReader({
      logId: log.logId,
      remotes: [remote],
    });
    const texts: string[] = [];
    for await (const { content } of reader.from(0)) texts.push(new TextDecoder().decode(content));
    return texts;
  }

  test("a log is read whole, from nothing but the owner and the topic of its feed", async () => {
    expect(await read()).toEqual(log.texts);
    expect(new Set(gateway.asked.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  test("only chunks and the one feed are asked for, without any header of the adapter's own", async () => {
    await read();
    for (const { path, headers } of gateway.asked) {
      expect(path).toMatch(new RegExp(`^/chunks/[0-9a-f]{64}$|^/feeds/${log.owner}/${log.topic}$`));
      expect(
        Object.keys(headers).filter((name) => name.startsWith("swarm") || name === "authorization"),
      ).toEqual([]);
    }
  });

  test("a gateway that looks feeds up, too, makes no difference to what is read", async () => {
    gateway.become(readOnly({ feeds: true }));
    expect(await read()).toEqual(log.texts);
    expect(gateway.asked.some(({ path }) => path.startsWith("/feeds/"))).toBe(true);
  });

  test("a reader who is up to date asks once", async () => {
    await using reader = await openReader({ logId: log.logId, remotes: [remoteAt()] });
    await reader.sync();
    gateway.asked.length = 0;
    await reader.sync();
    expect(gateway.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /chunks/${log.update(3)}`,
    ]);
  });

  test("nothing can be written, and nothing is sent", async () => {
    const { storage, names, name } = remoteAt();
    await expect(storage.put(utf8("content"))).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
    for (const text of [name!, log.logId]) {
      const refused = { code: expect.stringMatching(/^ERR_(UNSUPPORTED|DENIED)$/) as string };
      await expect(names.update(text, utf8("head"), { expected: null })).rejects.toMatchObject(refused);
    }
    expect(gateway.asked).toEqual([]);
  });

  test("nor with the key of the name, for there is no stamp", async () => {
    const nameKey = deriveKeys(generateSeed()).swarm;
    const { names, storage } = swarmRemoteFromUri(`bee+${gateway.url}`, { nameKey });
    await expect(storage.put(utf8("content"))).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
    await expect(names.update("mine", utf8("head"), { expected: null })).rejects.toMatchObject({
      code: "ERR_UNSUPPORTED",
    });
    expect(gateway.asked).toEqual([]);
  });

  test("a stamp does not help where the gateway takes no writes, and the error says so", async () => {
    const nameKey = deriveKeys(generateSeed()).swarm;
    const { names, storage } = swarmRemoteFromUri(`bee+${gateway.url}?stamp=${stamp}`, { nameKey });
    const denied = { code: "ERR_DENIED", message: expect.stringContaining("gateway") as string };
    await expect(storage.put(utf8("content"))).rejects.toMatchObject(denied);
    await expect(names.update("mine", utf8("head"), { expected: null })).rejects.toMatchObject(denied);
  });

  const page: Told = {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8" },
    body: "<!doctype html><title>Log in</title><h1>Log in</h1>",
  };
  const elsewhere = await startNodeProxy(bee.url);

  test.each<[string, Between, string, string, string]>([
    [
      "is a web page that says 200 to everything",
      () => page,
      "ERR_UNREACHABLE",
      "safe",
      "not the API of a Bee node",
    ],
    [
      "is a web page that says 404 to everything",
      () => ({ ...page, status: 404 }),
      "ERR_UNREACHABLE",
      "safe",
      "",
    ],
    [
      "redirects",
      ({ path }) => ({ status: 308, headers: { location: `${elsewhere.url}${path}` } }),
      "ERR_UNREACHABLE",
      "never",
      "redirect",
    ],
    [
      "limits how often it is asked",
      () => ({ status: 429, headers: { "retry-after": "3600" }, body: "Too many requests" }),
      "ERR_UNREACHABLE",
      "safe",
      "429",
    ],
    ["is out of order", () => ({ status: 503, body: "upstream is down" }), "ERR_UNREACHABLE", "safe", "503"],
    ["asks who we are", () => ({ status: 401 }), "ERR_DENIED", "never", "headers"],
    [
      "cuts its answers",
      async (_, passOn) => {
        const told = await passOn();
        // A length that a chunk can have, and one byte more than comes.
        const headers = { ...told.headers, "content-length": `${(told.body?.length ?? 0) + 1}` };
        return { ...told, headers, cut: true };
      },
      "ERR_UNREACHABLE",
      "safe",
      "",
    ],
    ["closes the connection", () => Promise.reject(new Error("cut")), "ERR_UNREACHABLE", "safe", ""],
  ])("a gateway that %s is told as that, for names and contents", async (_, between, code, retry, words) => {
    gateway.become(between);
    elsewhere.asked.length = 0;
    const { storage, names, name } = remoteAt();
    const address = storage.capabilities.hashTypes[0]!;
    const { addressOf } = await import("@remote-log/core");
    const wanted = await addressOf(utf8("what nobody has"), address);
    for (const doing of [() => names.resolve(name!), () => storage.get(wanted), () => storage.has(wanted)]) {
      const error = await doing().then(String, (thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, retry });
      expect(String(error)).toContain(words);
    }
    expect(elsewhere.asked).toEqual([]);
    await expect(read()).rejects.toMatchObject({ code });
  });

  test("nobody is asked to compress, and a gateway that does is read like any other", async () => {
    gateway.become(async (asked, passOn) => {
      const told = await readOnly()(asked, passOn);
      if (told.status !== 200) return told;
      expect(asked.headers["accept-encoding"]).toBe("identity");
      const body = gzipSync(told.body as Uint8Array);
      const headers = { ...told.headers, "content-encoding": "gzip", "content-length": `${body.length}` };
      return { status: 200, headers, body };
    });
    expect(await read()).toEqual(log.texts);
  });

  test("a gateway that refuses everything once makes a live reader wait, and read on", async () => {
    const refused = new Set<string>();
    gateway.become((asked, passOn) => {
      if (refused.has(asked.path)) return readOnly()(asked, passOn);
      refused.add(asked.path);
      return { status: 429, headers: { "retry-after": "1" } };
    });
    await using reader = await openReader({ logId: log.logId, remotes: [remoteAt()], pollMilliseconds: 5 });
    const texts: string[] = [];
    for await (const { content } of reader.from(0, { live: true })) {
      texts.push(new TextDecoder().decode(content));
      if (texts.length === log.texts.length) break;
    }
    expect(texts).toEqual(log.texts);
    expect(refused.size).toBeGreaterThan(20);
  });

  test("without a gateway in it, the URI means the node of this machine", () => {
    expect(() => swarmRemoteFromUri(`swarm://${log.owner}/${log.topic}`)).not.toThrow();
  });
});
