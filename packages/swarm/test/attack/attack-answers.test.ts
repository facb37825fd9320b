import { gzipSync } from "node:zlib";
import { addressOf } from "@remote-log/core";
import { swarmBmt, swarmRemote } from "@remote-log/swarm";
import { describe, expect, test } from "vitest";
import { startNodeProxy, type Told } from "../node-proxy.ts";

const MiB = 2 ** 20;
const owner = "ab".repeat(20);
const utf8 = (words: string): Uint8Array => new TextEncoder().encode(words);

/** Bytes without end, as fast as they are taken. */
async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(64 * 1024).fill(120);
}

/** A byte now and then, without end. */
async function* dripping(): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield Uint8Array.of(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const bomb = gzipSync(new Uint8Array(64 * MiB));
const binary = { "content-type": "binary/octet-stream" };

/** The runtime's `fetch`, and how many bytes of bodies were taken out of it, unpacked. */
function countedFetch() {
  let bytes = 0;
  const counter = () =>
    new TransformStream<Uint8Array, Uint8Array>(
      {
        transform(piece, controller) {
          bytes += piece.length;
          controller.enqueue(piece);
        },
      },
      undefined,
      { highWaterMark: 0 },
    );
  const counting = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    return new Response(response.body?.pipeThrough(counter()) ?? null, response);
  };
  return { counting, taken: () => bytes };
}

const forged = ["ERR_INTEGRITY", "ERR_UNREACHABLE"];

describe.each<[string, () => Told, readonly string[]]>([
  ["without end", () => ({ status: 200, headers: binary, body: endless() }), forged],
  [
    "said to be 2^40 bytes long",
    () => ({ status: 200, headers: { ...binary, "content-length": `${2 ** 40}` }, body: endless() }),
    forged,
  ],
  [
    "that unpack to 64 MiB",
    () => ({ status: 200, headers: { ...binary, "content-encoding": "gzip" }, body: bomb }),
    forged,
  ],
  ["that drip", () => ({ status: 200, headers: binary, body: dripping() }), ["ERR_TIMEOUT"]],
  ["of an error without end", () => ({ status: 500, body: endless() }), ["ERR_UNREACHABLE"]],
  ["of an error that drips", () => ({ status: 500, body: dripping() }), ["ERR_UNREACHABLE", "ERR_TIMEOUT"]],
  ["of an absence without end", () => ({ status: 404, body: endless() }), ["ERR_UNREACHABLE"]],
])("answers %s", (_, told, codes) => {
  test.each(["get", "has", "resolve", "first contact"] as const)(
    "end %s in time, with little read",
    async (doing) => {
      const node = await startNodeProxy("http://127.0.0.1:1", told);
      const { counting, taken } = countedFetch();
      const { storage, names } = swarmRemote({
        bee: node.url,
        owner,
        // Short if the time is what ends it.
        answerMilliseconds: codes.includes("ERR_TIMEOUT") ? 300 : 10_000,
        hint: false,
        fetch: counting,
      });
      const address = await addressOf(utf8("wanted"), swarmBmt);
      const known = `7-${"cd".repeat(32)}`;
      const error = await {
        get: () => storage.get(address),
        has: () => storage.has(address),
        resolve: () => names.resolve("log", { known }),
        "first contact": () => names.resolve("log"),
      }
        [doing]()
        .then(String, (thrown: unknown) => thrown);
      expect(codes).toContain((error as { code?: string }).code ?? String(error));
      // Two or three pieces of a stream each, as it comes out of a socket or a decompressor.
      expect(taken()).toBeLessThanOrEqual(192 * 1024 * node.asked.length);
      // Besides, what was on its way is in the buffers of the sockets; far less than what was offered.
      // On a busy machine the time may be over before anything was asked.
      expect(node.sentBytes()).toBeLessThanOrEqual(8 * MiB * node.asked.length);
      expect(node.asked.length).toBeLessThan(100);
      await Promise.all([storage.close?.(), names.close?.()]);
    },
  );
});
