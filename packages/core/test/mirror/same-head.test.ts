// When a copy of a head says what the source's does.

import { expect, test } from "vitest";
import { Address } from "../../src/index.ts";
import type { HeadLevel } from "../../src/log/head.ts";
import { isSameLevel, isSameManifest } from "../../src/mirror/same-head.ts";
import { signed } from "../tree/signed-manifests.ts";

const hash = new Uint8Array(32);
const address = (byte: number): Address => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));
const level = (node: number | undefined, ...refs: number[]): HeadLevel => ({
  ...(node !== undefined && { node: { address: address(node), refs: 2, peaks: [hash] } }),
  refs: refs.map((byte) => ({ address: address(byte), hash })),
});

test("levels are the same if they lead to the same objects, in the same places", () => {
  expect(isSameLevel(level(undefined), level(undefined))).toBe(true);
  expect(isSameLevel(level(1, 2, 3), level(1, 2, 3))).toBe(true);
  for (const other of [
    level(2, 2, 3),
    level(1, 3, 2),
    level(1, 2),
    level(undefined, 2, 3),
    level(undefined, 1, 2, 3),
  ])
    expect(isSameLevel(level(1, 2, 3), other)).toBe(false);
});

test("manifests are the same if they say the same, whoever made the object", async () => {
  expect(isSameManifest(undefined, undefined)).toBe(true);
  const [one, other] = [await signed([1, 2, 3]), await signed([1, 2, 3])];
  expect(isSameManifest(one, other)).toBe(true);
  expect(isSameManifest(one, undefined)).toBe(false);
  expect(isSameManifest(undefined, one)).toBe(false);
});

test("manifests that differ in anything that a head says of them are not the same", async () => {
  const one = await signed([1, 2, 3]);
  const object = { hash, address: address(1) };
  expect(isSameManifest({ ...one, objects: [object] }, { ...one, objects: [object] })).toBe(true);
  for (const other of [
    await signed([1, 2, 4]),
    { ...one, note: `${one.note}.` },
    { ...one, leaves: address(1) },
    { ...one, objects: [object] },
    // The copy holds it itself, whatever the source does.
    { ...one, address: address(1) },
  ])
    expect(isSameManifest(one, other)).toBe(false);
});
