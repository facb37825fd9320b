import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { addressOf, deriveKeys, generateSeed, openReader, openWriter, rawSha256 } from "@remote-log/core";
import { ipfsRemote, ipfsStorage } from "@remote-log/ipfs";
import { gatewayRemote, gatewayRoute, gatewayStorage } from "@remote-log/ipfs/gateway";
import { serverOrSkip } from "@remote-log/servers";
import { answer, failure, NEVER, randomBytes } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { createIPNSRecord, marshalIPNSRecord } from "ipns";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { IpnsName } from "../../src/record/ipns-name.ts";
import { nodeOfFile } from "../node-for-tests.ts";

const RECORD = "application/vnd.ipfs.ipns-record";
const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("through the gateway of a Kubo node", async () => {
  if (skip) return;
  const node = await nodeOfFile();
  const recorder = await scriptedServer(undefined, { target: node.gateway });
  const url = recorder.url;
  const own = ipfsStorage({ node: node.rpc });

  /** A key, its name, and how to sign and to put records of it. */
  async function newName() {
    const key = await generateKeyPairFromSeed("Ed25519", randomBytes(32));
    const name = IpnsName.fromPublicKey(key.publicKey.raw);
    const sign = async (
      sequence: bigint,
      value = "/ipfs/bafkqaaa",
      lifetime = 3_600_000,
    ): Promise<Uint8Array> =>
      marshalIPNSRecord(
        await createIPNSRecord(key, value, sequence, lifetime, {
          ttlNs: 300_000_000_000n,
          v1Compatible: false,
        }),
      );
    const put = async (record: Uint8Array): Promise<void> => {
      const body = new FormData();
      body.append("file", new Blob([new Uint8Array(record)]));
      const reply = await fetch(`${node.rpc}/api/v0/name/put?arg=${name}`, { method: "POST", body });
      if (!reply.ok) throw new Error(await reply.text());
    };
    return { name, sign, put };
  }

  /** A log with some entries, published by the RPC. */
  async function newLog(count = 40) {
    const seed = generateSeed();
    const remote = await ipfsRemote({ node: node.rpc, nameKey: deriveKeys(seed).ipns });
    const writer = await openWriter({
      seed,
      journal: new MemoryLevel<Uint8Array, Uint8Array>(),
      remotes: [remote],
      settings: { visibility: "public" },
      publish: "manual",
    });
    const texts: string[] = [];
    const publish = async (more: number): Promise<void> => {
      for (let i = 0; i < more; i++) {
        texts.push(`entry ${texts.length}${texts.length === 7 ? " long".repeat(400) : ""}`);
        await writer.append(new TextEncoder().encode(texts.at(-1)));
      }
      await writer.publish();
    };
    await publish(count);
    return {
      logId: writer.logId,
      name: remote.name,
      texts,
      publish,
      [Symbol.asyncDispose]: () => writer.close(),
    };
  }

  async function read(logId: string, remote: ReturnType<typeof gatewayRemote>): Promise<string[]> {
    await using reader = await openReader({ logId, remotes: [remote] });
    const seen: string[] = [];
    for await (const { content } of reader.from(0)) seen.push(new TextDecoder().decode(content));
    return seen;
  }

  test("contents of every size come as they were put", async () => {
    const storage = gatewayStorage({ url });
    for (const size of [0, 1, 1000, 1024 * 1024]) {
      const content = randomBytes(size);
      const address = await own.put(content);
      expect(Buffer.compare(await storage.get(address), content)).toBe(0);
      expect(await storage.has(address)).toBe(true);
    }
  });

  test("what nobody has is not found in time, and is not in the gateway's own store", async () => {
    const storage = gatewayStorage({ url, searchMilliseconds: 300 });
    const address = await addressOf(randomBytes(100), rawSha256);
    expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
    expect(await storage.has(address)).toBe(false);
  });

  test("a record comes byte for byte, and the next one at once, whatever the TTL of the first", async () => {
    const { name, sign, put } = await newName();
    const route = gatewayRoute({ url });
    expect(await route.get(name, {})).toBeUndefined();
    for (const sequence of [0n, 1n, 2n]) {
      const record = await sign(sequence);
      await put(record);
      expect(await route.get(name, {})).toEqual(record);
    }
  });

  test("under the name of localhost Kubo redirects, and the error says what to do", async () => {
    const storage = gatewayStorage({ url: node.gateway.replace("127.0.0.1", "localhost") });
    const error = await failure(storage.get(await own.put(randomBytes(10))));
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "never" });
    expect(error.message).toContain("127.0.0.1 in place of localhost");
  });

  test("the port of the RPC is told from that of the gateway", async () => {
    const storage = gatewayStorage({ url: node.rpc });
    const error = await failure(storage.get(await own.put(randomBytes(10))));
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE" });
    expect(error.message).toContain("port 8080, not 5001");
  });

  test("a log that was published by the RPC is followed by a reader without a node", async () => {
    await using log = await newLog();
    const remote = gatewayRemote({ url, name: log.name });
    expect(await read(log.logId, remote)).toEqual(log.texts);
    await log.publish(3);
    expect(await read(log.logId, remote)).toEqual(log.texts);
  });

  test("the newest state costs one request, for the head rides in the record", async () => {
    await using log = await newLog(3);
    const remote = gatewayRemote({ url, name: log.name });
    const from = recorder.requests.length;
    await using reader = await openReader({ logId: log.logId, remotes: [remote] });
    expect((await reader.sync()).size).toBe(3);
    expect(recorder.requests.slice(from).map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /ipns/${log.name}`,
    ]);
  });

  test("catching up on 1,000 entries costs 33 requests, and one for each content that is a block of its own", async () => {
    await using log = await newLog(1000);
    const from = recorder.requests.length;
    expect(await read(log.logId, gatewayRemote({ url, name: log.name }))).toEqual(log.texts);
    const methods = recorder.requests.slice(from).map(({ method }) => method);
    expect(methods.length).toBe(33 + 1);
    expect(new Set(methods)).toEqual(new Set(["GET"]));
  });

  test("a name of which nobody has a record is absent, and cannot be updated", async () => {
    const { name } = await newName();
    const { names } = gatewayRemote({ url, name: name.text });
    expect(await names.resolve(name.text)).toEqual({ status: "absent" });
    const updating = names.update(name.text, randomBytes(10), { expected: null });
    expect(await failure(updating)).toMatchObject({
      code: "ERR_UNSUPPORTED",
      operation: "names.update",
      reason: "read-only",
    });
  });

  test.each([
    ["is down", async () => "http://127.0.0.1:1"],
    ["fails", async () => (await scriptedServer(answer(503, "text/plain"))).url],
    ["hangs", async () => (await scriptedServer(NEVER)).url],
    ["is no gateway", async () => (await scriptedServer(answer(200, "text/html", "<h1>Log in</h1>"))).url],
  ])("if one of two gateways %s the other one does", async (_, first) => {
    await using log = await newLog();
    const urls = [await first(), url];
    const remote = gatewayRemote({ urls, name: log.name, patienceMilliseconds: 50 });
    expect(await read(log.logId, remote)).toEqual(log.texts);
  });

  test("of a stale gateway and another one the newest record is taken", async () => {
    await using log = await newLog(3);
    const old = await fetch(`${node.gateway}/ipns/${log.name}?format=ipns-record`);
    const stale = await showing(new Uint8Array(await old.arrayBuffer()));
    await log.publish(3);
    for (const urls of [
      [stale, url],
      [url, stale],
    ]) {
      expect(await read(log.logId, gatewayRemote({ urls, name: log.name }))).toEqual(log.texts);
    }
  });

  /** The URL of a gateway that shows these records, one after the other, and no contents. */
  async function showing(...records: readonly Uint8Array[]): Promise<string> {
    let shown = 0;
    const web = await scriptedServer(({ path }) =>
      path.startsWith("/ipns/")
        ? answer(200, RECORD, records[Math.min(shown++, records.length - 1)])
        : answer(404, "text/plain"),
    );
    return web.url;
  }

  test("a record older than one that was shown before is stale", async () => {
    const { name, sign } = await newName();
    const value = `/ipfs/${await own.put(randomBytes(10))}`;
    const urls = [await showing(await sign(5n, value), await sign(4n, value)), url];
    const { names } = gatewayRemote({ urls, name: name.text });
    expect(await names.resolve(name.text)).toMatchObject({ status: "found" });
    expect(await failure(names.resolve(name.text))).toMatchObject({ code: "ERR_STALE" });
  });

  test("closing the contents leaves the names, large heads too, and the other way round", async () => {
    const { name, sign, put } = await newName();
    const head = randomBytes(20_000);
    const address = await own.put(head);
    await put(await sign(0n, `/ipfs/${address}`));
    const [one, two] = [gatewayRemote({ url, name: name.text }), gatewayRemote({ url, name: name.text })];
    await one.storage.close?.();
    expect(await one.names.resolve(name.text)).toMatchObject({ status: "found", content: head });
    await two.names.close?.();
    expect(await two.storage.get(address)).toEqual(head);
    expect(await failure(two.names.resolve(name.text))).toMatchObject({ code: "ERR_CLOSED" });
  });

  test("a record of another name, and one that was changed, are no record of this one", async () => {
    const [one, other] = [await newName(), await newName()];
    const changed = await one.sign(1n);
    changed[changed.length - 1]! ^= 1;
    for (const record of [await other.sign(1n), changed]) {
      const { names } = gatewayRemote({ url: await showing(record), name: one.name.text });
      expect(await failure(names.resolve(one.name.text))).toMatchObject({ code: "ERR_INTEGRITY" });
    }
  });

  test("an expired record is stale, unless it is asked for", async () => {
    const { name, sign } = await newName();
    const value = `/ipfs/${await own.put(randomBytes(10))}`;
    const urls = [await showing(await sign(1n, value, -1000)), url];
    const strict = gatewayRemote({ urls, name: name.text });
    expect(await failure(strict.names.resolve(name.text))).toMatchObject({ code: "ERR_STALE" });
    const lenient = gatewayRemote({ urls, name: name.text, acceptExpired: true });
    expect(await lenient.names.resolve(name.text)).toMatchObject({ status: "found" });
  });
});
