import { numberToBytesBE } from "@noble/curves/utils.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { type BeeServer, serverOrSkip, startBee } from "@remote-log/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chunk, contentChunk } from "../../src/chunk/content-chunk.ts";
import { type OwnerChunk, ownerChunk, readOwnerChunk } from "../../src/chunk/owner-chunk.ts";
import { readTree, walkTree } from "../../src/chunk/read-tree.ts";
import { rootAddress, splitContent } from "../../src/chunk/tree.ts";
import { BORDERS, randomContent } from "./chunk-map.ts";
import { hex } from "./chunks-of-bee-js.ts";
import { turned } from "./copies-of-signatures.ts";

const { skip } = await serverOrSkip("bee");
const KEY = new Uint8Array(32).fill(7);
const LARGE = 2 * 128 * 4096 + 1;

describe.skipIf(skip)("chunks on a Bee node", () => {
  let bee: BeeServer;
  let stamp: string;

  beforeAll(async () => {
    bee = await startBee();
    stamp = await bee.buyBatch();
  });

  afterAll(() => bee?.stop());

  async function post(path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<string> {
    const response = await fetch(`${bee.url}${path}`, {
      method: "POST",
      headers: { "swarm-postage-batch-id": stamp, "content-type": "application/octet-stream", ...headers },
      body: Uint8Array.from(body),
    });
    const { reference, message } = (await response.json()) as { reference?: string; message?: string };
    return reference ?? `${response.status} ${message}`;
  }

  async function get(path: string): Promise<Uint8Array> {
    const response = await fetch(`${bee.url}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  const upload = (content: Uint8Array): Promise<string> =>
    post("/bytes", content, { "swarm-redundancy-level": "0" });

  const postUpdate = (update: OwnerChunk, signature: Uint8Array, wrapped: Uint8Array): Promise<string> =>
    post(`/soc/${hex(update.owner)}/${hex(update.id)}?sig=${hex(signature)}`, wrapped);

  it.each([0, ...BORDERS])("a content of %i bytes has the address that the node gives it", async (size) => {
    const content = randomContent(size);
    expect(await upload(content)).toBe(hex(rootAddress(content)));
  });

  it.each([0, 72, 4097, 129 * 4096])(
    "what the node split, %i bytes, is read chunk by chunk",
    async (size) => {
      const content = randomContent(size);
      const address = await upload(content);
      const read = (chunk: Uint8Array): Promise<Uint8Array> => get(`/chunks/${hex(chunk)}`);
      const tree = { root: await get(`/chunks/${address}`), read, maxBytes: size };
      expect(Buffer.compare(await readTree(tree), content)).toBe(0);
      expect(await walkTree(tree)).toBe(size);
    },
  );

  it.each([0, 72, 4097, 129 * 4096])("what we split, %i bytes, the node joins", async (size) => {
    const content = randomContent(size);
    const { root, levels } = splitContent(content);
    for (const { address, data } of levels.flat()) expect(await post("/chunks", data)).toBe(hex(address));
    expect(Buffer.compare(await get(`/bytes/${hex(root.address)}`), content)).toBe(0);
  });

  it("a content that was uploaded with the node's own redundancy has another address, and is refused", async () => {
    const content = randomContent(3 * 4096);
    const address = await post("/bytes", content, { "swarm-redundancy-level": "1" });
    expect(address).not.toBe(hex(rootAddress(content)));
    const read = (chunk: Uint8Array): Promise<Uint8Array> => get(`/chunks/${hex(chunk)}`);
    const tree = { root: await get(`/chunks/${address}`), read, maxBytes: content.length };
    const error = { code: "ERR_INTEGRITY", message: expect.stringContaining("redundancy") };
    await expect(readTree(tree)).rejects.toMatchObject(error);
  });

  it.each([
    ["as it is", ({ signature, wrapped }: OwnerChunk) => [signature, wrapped.data]],
    ["with the negative of s", ({ signature, wrapped }: OwnerChunk) => [turned(signature), wrapped.data]],
    [
      "with the other byte of recovery",
      ({ signature, wrapped }: OwnerChunk) => [
        concatBytes(signature.subarray(0, 64), Uint8Array.of(signature[64]! + 4)),
        wrapped.data,
      ],
    ],
    [
      "with zeros at its end",
      ({ signature, wrapped }: OwnerChunk) => [signature, concatBytes(wrapped.data, new Uint8Array(5))],
    ],
  ] as const)("the node takes an update %s, and it is read as the same one", async (how, copy) => {
    const id = keccak_256(new TextEncoder().encode(how));
    const update = ownerChunk({ key: KEY, id, chunk: contentChunk(new TextEncoder().encode("a head")) });
    const [signature, wrapped] = copy(update) as [Uint8Array, Uint8Array];
    expect(await postUpdate(update, signature, wrapped)).toBe(hex(update.address));
    const stored = await get(`/chunks/${hex(update.address)}`);
    expect(hex(stored)).toBe(hex(concatBytes(id, signature, wrapped)));
    const read = readOwnerChunk(stored, update);
    expect(read.wrapped.address).toEqual(update.wrapped.address);
    expect(await contentOf(read.wrapped)).toEqual(new TextEncoder().encode("a head"));
  });

  it.each([39, 40, 41, 72, 4096, 5000, 129 * 4096])(
    "a head of %i bytes is read by the node's own feeds as a whole",
    async (size) => {
      const topic = keccak_256(new TextEncoder().encode(`a head of ${size} bytes`));
      const content = randomContent(size);
      const { root, levels } = splitContent(content);
      for (const { data } of levels.flat().slice(0, -1)) await post("/chunks", data);
      // Of these two lengths Bee takes the payload for a time and a reference; a zero more changes no hash.
      const chunk = [40, 72].includes(size)
        ? contentChunk(concatBytes(content, Uint8Array.of(0)), BigInt(size))
        : root;
      expect(chunk.address).toEqual(root.address);
      const id = keccak_256(concatBytes(topic, numberToBytesBE(0n, 8)));
      const update = ownerChunk({ key: KEY, id, chunk });
      expect(await postUpdate(update, update.signature, update.wrapped.data)).toBe(hex(update.address));
      expect(Buffer.compare(await get(`/feeds/${hex(update.owner)}/${hex(topic)}`), content)).toBe(0);
      const { wrapped } = readOwnerChunk(await get(`/chunks/${hex(update.address)}`), update);
      expect(Buffer.compare(await contentOf(wrapped), content)).toBe(0);
    },
  );

  function contentOf({ data }: Chunk): Promise<Uint8Array> {
    return readTree({ root: data, maxBytes: LARGE, read: (address) => get(`/chunks/${hex(address)}`) });
  }
});
