import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { afterEach, describe, expect, test } from "vitest";
import { chunkAddress, contentChunk } from "../../src/chunk/content-chunk.ts";
import { toHex } from "../../src/chunk/hex.ts";
import { splitContent } from "../../src/chunk/tree.ts";
import { swarmStorage } from "../../src/storage.ts";
import { beeOfFile } from "../bee-for-tests.ts";
import { type Asked, honest, type NodeTold, startNodeProxy, type Told } from "../node-proxy.ts";

const { skip } = await serverOrSkip("bee");

/** A body that has no end. */
async function* endless(): AsyncIterable<Uint8Array> {
  for (;;) yield new Uint8Array(1000);
}

const integrity = ["ERR_INTEGRITY"];

/** What a node makes of a chunk, and what that is. */
const lies: readonly (readonly [string, (told: NodeTold) => Told, readonly string[]])[] = [
  ["another chunk", () => ({ status: 200, body: contentChunk(randomBytes(100)).data }), integrity],
  // Zeros at the end may be left out: the span says how many there were.
  [
    "the chunk without its last byte that is not zero",
    (told) => ({
      ...told,
      body: told.body.slice(
        0,
        told.body.findLastIndex((byte) => byte !== 0),
      ),
    }),
    integrity,
  ],
  ["less than a span", () => ({ status: 200, body: new Uint8Array(7) }), integrity],
  ["nothing", () => ({ status: 200 }), integrity],
  [
    "a page",
    () => ({ status: 200, headers: { "content-type": "text/html" }, body: "<html>" }),
    ["ERR_UNREACHABLE"],
  ],
  ["one byte more than a chunk has", () => ({ status: 200, body: new Uint8Array(4105) }), integrity],
  ["no end", () => ({ status: 200, body: endless() }), integrity],
  [
    "half of it",
    ({ status, body }) => ({
      status,
      headers: { "content-length": `${body.length}` },
      body: body.slice(0, body.length >> 1),
      cut: true,
    }),
    ["ERR_UNREACHABLE"],
  ],
  ["no content", () => ({ status: 204 }), ["ERR_UNREACHABLE"]],
  ["a 404 of its own", () => ({ status: 404, body: "<h1>Not here</h1>" }), ["ERR_UNREACHABLE"]],
  ["a redirect", () => ({ status: 302, headers: { location: "/elsewhere" } }), ["ERR_UNREACHABLE"]],
];

describe.skipIf(skip)("of a node that answers", async () => {
  if (skip) return;
  const bee = await beeOfFile();
  const stamp = await bee.buyBatch();
  const proxy = await startNodeProxy(bee.url);
  const storage = swarmStorage({ bee: proxy.url, stamp });
  atEnd(() => storage.close());
  const content = randomBytes(3 * 4096);
  const address = await storage.put(content);
  const { root, levels } = splitContent(content);
  afterEach(() => proxy.become(honest));

  /** Lies about one chunk. */
  const lieAbout = (chunk: Uint8Array, lie: (told: NodeTold) => Told): void =>
    proxy.become(async ({ path }: Asked, passOn) => {
      const told = await passOn();
      return path === `/chunks/${toHex(chunk)}` ? lie(told) : told;
    });

  describe.each([
    ["the root", root.address],
    ["a leaf", levels[0]![1]!.address],
  ])("for %s", (_what, chunk) => {
    test.each(lies)(
      "with %s, nothing is delivered, and it is neither there nor absent",
      async (_lie, lie, codes) => {
        lieAbout(chunk, lie);
        const sent = proxy.sentBytes();
        const errors = [await failure(storage.get(address)), await failure(storage.has(address))];
        expect(errors.map((error) => (error as { code?: string }).code)).toEqual([...codes, ...codes]);
        // Sockets hold some of what is sent; of a stream without end, that is all.
        expect(proxy.sentBytes() - sent).toBeLessThan(20_000_000);
        proxy.become(honest);
        expect(await storage.get(address)).toEqual(content);
      },
    );
  });

  test("with other zeros at the end of a leaf, the content is as it was", async () => {
    const short = await storage.put(new Uint8Array(4097).fill(1));
    const leaf = splitContent(new Uint8Array(4097).fill(1)).levels[0]![1]!;
    lieAbout(leaf.address, (told) => ({ ...told, body: Uint8Array.from([...told.body, 0, 0]) }));
    expect(toHex(chunkAddress(Uint8Array.from([...leaf.data, 0, 0])))).toBe(toHex(leaf.address));
    expect(await storage.get(short)).toEqual(new Uint8Array(4097).fill(1));
  });

  describe("to an upload", () => {
    const answers: readonly (readonly [string, Told, string])[] = [
      ["with the address of something else", created(toHex(randomBytes(32))), "ERR_INTEGRITY"],
      ["with an address of another length", created("00"), "ERR_INTEGRITY"],
      ["with no address", { status: 201, body: "{}" }, "ERR_INTEGRITY"],
      ["with a page", { status: 200, body: "<html>" }, "ERR_UNREACHABLE"],
      ["with no end", { status: 201, body: endless() }, "ERR_UNREACHABLE"],
      ["with nothing", { status: 201 }, "ERR_UNREACHABLE"],
      ["with a redirect", { status: 307, headers: { location: "http://127.0.0.1:9/" } }, "ERR_UNREACHABLE"],
    ];

    test.each(answers)("%s, nothing is said to be stored", async (_what, told, code) => {
      proxy.become(({ method }, passOn) => (method === "POST" ? told : passOn()));
      expect(await failure(storage.put(randomBytes(100)))).toMatchObject({ code });
    });

    test("of one chunk among many with something else, the rest is not sent", async () => {
      let posts = 0;
      proxy.become((asked, passOn) => {
        if (asked.method !== "POST") return passOn();
        return ++posts === 1 ? created("00".repeat(32)) : passOn();
      });
      expect(await failure(storage.put(randomBytes(100 * 4096)))).toMatchObject({ code: "ERR_INTEGRITY" });
      // This waits for its turn behind all that is still to be sent.
      await storage.put(randomBytes(100));
      expect(posts).toBeLessThan(100);
    });
  });
});

function created(reference: string): Told {
  return { status: 201, body: JSON.stringify({ reference }) };
}
