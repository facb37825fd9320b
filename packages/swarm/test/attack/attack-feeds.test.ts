import { deriveKeys, generateSeed } from "@remote-log/core";
import { swarmNames } from "@remote-log/swarm";
import { expect, test } from "vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import { ethereumAddress } from "../../src/chunk/ethereum.ts";
import { ownerChunk } from "../../src/chunk/owner-chunk.ts";
import { updateAddress, updateId } from "../feed/feed-address.ts";
import { type Between, silent, startNodeProxy, type Told } from "../node-proxy.ts";
import { notFound } from "./attacked-log.ts";

// No node is needed: what is asked for is answered by an attacker alone.
const nameKey = deriveKeys(generateSeed()).swarm;
const owner = Buffer.from(ethereumAddress(nameKey)).toString("hex");
const topic = "5c".repeat(32);
const name = `${owner}/${topic}`;
const LAST = 2n ** 64n - 1n;
const small = contentChunk(new TextEncoder().encode("a head"));

/** The chunks of a feed that has updates at these indexes, by path; signed as they are asked for. */
function feedWith(indexes: Iterable<bigint>, wrapped = small): Between {
  const places = new Map<string, bigint>();
  for (const index of indexes) places.set(`/chunks/${updateAddress(owner, topic, index)}`, index);
  return ({ path }) => {
    const index = places.get(path);
    if (index === undefined) return notFound;
    const { data } = ownerChunk({ key: nameKey, id: updateId(topic, index), chunk: wrapped });
    return { status: 200, body: data };
  };
}

/** The same, with a look-up of feeds that tells something else. */
function hinting(hint: Told | Between, rest: Between): Between {
  return (asked, passOn) => {
    if (!asked.path.startsWith("/feeds/")) return rest(asked, passOn);
    return typeof hint === "function" ? hint(asked, passOn) : hint;
  };
}

const told = (index: string): Told => ({
  status: 200,
  headers: { "swarm-feed-index": index },
  body: "a head",
});

async function resolveFrom(between: Between) {
  const { url, asked } = await startNodeProxy("http://127.0.0.1:1", between);
  const names = swarmNames({ bee: url, owner });
  const resolution = await names.resolve(name).catch((error: unknown) => error as Error & { code?: string });
  await names.close?.();
  return { resolution, requests: asked.length };
}

const few = [0n, 1n, 2n, 3n, 4n];
const found = { status: "found", revision: expect.stringMatching(/^4-/) as string };

test.each(["ffffffffffffffff", "8000000000000000", "0000000000000000", "10000000000000000", ""])(
  "a hint of %j costs some requests, and changes nothing of what is found",
  async (hint) => {
    const plain = await resolveFrom(hinting(notFound, feedWith(few)));
    const { resolution, requests } = await resolveFrom(hinting(told(hint), feedWith(few)));
    expect(resolution).toMatchObject(found);
    expect(requests).toBeLessThanOrEqual(plain.requests + 32);
  },
);

test.each<[string, Told | Between]>([
  ["says nothing", silent],
  ["has too many headers", { ...told("4"), headers: { "x-many": "x".repeat(40_000) } }],
  ["is cut", { ...told("4"), cut: true }],
])("a look-up of feeds that %s is done without", async (_, hint) => {
  const { resolution } = await resolveFrom(hinting(hint, feedWith(few)));
  expect(resolution).toMatchObject(found);
});

test("an owner with updates all over the 2^64 indexes costs a reader some requests, and no more", async () => {
  const everywhere = new Set<bigint>();
  const around = (index: bigint): void => {
    for (let by = -40n; by <= 40n; by++)
      if (index + by >= 0n && index + by <= LAST) everywhere.add(index + by);
  };
  for (let bits = 0n; bits <= 64n; bits++) around(2n ** bits);
  around(LAST);
  for (const hint of [notFound, told("ffffffffffffffff"), told("7fffffffffffffff")]) {
    const { resolution, requests } = await resolveFrom(hinting(hint, feedWith(everywhere)));
    expect(resolution).toMatchObject({ status: "found" });
    expect(requests).toBeLessThan(300);
  }
});

test.each([1n, 2n ** 63n, LAST])("a head whose span is %d, and is not, is refused", async (span) => {
  const hostile = contentChunk(new Uint8Array(64).fill(9), span);
  const { resolution, requests } = await resolveFrom(hinting(notFound, feedWith([0n], hostile)));
  expect(["ERR_INTEGRITY", "ERR_TOO_LARGE"]).toContain((resolution as { code?: string }).code);
  expect(requests).toBeLessThan(60);
});
