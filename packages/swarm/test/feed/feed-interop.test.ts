import { Bee } from "@ethersphere/bee-js";
import { deriveKeys, generateSeed } from "@remote-log/core";
import { bytes, randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { beeOfFile } from "../bee-for-tests.ts";
import { before, newFeed, openNames } from "./opened-feeds.ts";

// What is written here others read, and what others write is read here: bee-js at its index, and the node's own look-up.

const bee = await beeOfFile();
const stamp = await bee.buyBatch();
const url = bee.url;
const client = new Bee(url);

/** Sizes around those that Bee takes for references, of a chunk, and of a tree. */
const SIZES = [0, 1, 39, 40, 41, 71, 72, 73, 4095, 4096, 4097, 8192, 100_000];

test.each(SIZES)(
  "a head of %i bytes comes back here, from the node's own look-up, and from bee-js at its index",
  async (size) => {
    const feed = newFeed();
    const { nameKey, name, owner, topic } = feed;
    const names = openNames({ bee: url, stamp, nameKey });
    // Also one that ends with zeros, which nobody signs.
    for (const [index, head] of [randomBytes(size), new Uint8Array(size)].entries()) {
      const revision = await names.update(name, head, { expected: before(feed, index) });
      const found = { status: "found", content: head, revision };
      expect(await openNames({ bee: url }).resolve(name)).toEqual(found);

      const looked = await fetch(`${url}/feeds/${name}`);
      expect(looked.status).toBe(200);
      expect(looked.headers.get("swarm-feed-index")).toBe(index.toString(16).padStart(16, "0"));
      expect(new Uint8Array(await looked.arrayBuffer())).toEqual(head);

      // bee-js makes no empty chunk.
      if (size === 0) continue;
      const shown = await client.makeFeedReader(topic, owner).downloadPayload({ index });
      // One byte more where Bee would have taken the head for a reference; the span tells the length.
      const zeros = size === 40 || size === 72 ? [0] : [];
      expect(shown.payload.toUint8Array()).toEqual(Uint8Array.from([...head, ...zeros]));
    }
  },
);

test("an update by bee-js is read here, and has the revision that ours would have", async () => {
  const feed = newFeed();
  const { nameKey, name, topic, owner } = feed;
  const writer = client.makeFeedWriter(topic, nameKey);
  const names = openNames({ bee: url, stamp, nameKey });
  for (const [index, head] of ["first", "second", "third"].map(bytes).entries()) {
    await writer.uploadPayload(stamp, head, { index });
    const found = await openNames({ bee: url, owner }).resolve(name);
    expect(found).toMatchObject({ status: "found", content: head });
    // The same update, made here, is already there.
    const revision = await names.update(name, head, { expected: before(feed, index) });
    expect(found).toMatchObject({ revision });
  }
});

test("the owner of a name is the address that bee-js has for its key", () => {
  for (let i = 0; i < 5; i++) {
    const nameKey = deriveKeys(generateSeed()).swarm;
    const names = openNames({ bee: url, nameKey });
    const { owner } = names.nameOf("any text");
    const { owner: ofBeeJs } = client.makeFeedWriter(`0x${"1".repeat(64)}`, nameKey);
    expect(Buffer.from(owner).toString("hex")).toBe(ofBeeJs.toHex());
  }
});
