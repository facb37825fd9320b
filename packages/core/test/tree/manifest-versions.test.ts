// The versions of a manifest behind a head, and how two states of it relate.

import { failure } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { addressOf, ClosedError, rawSha256, UnreachableError, verifyForkEvidence } from "../../src/index.ts";
import { manifestLeafHash } from "../../src/log/manifest.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { compareManifests, manifestLeaves, manifestObject } from "../../src/tree/manifest-versions.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { genesis, type Said, signed, stored, viewOf } from "./signed-manifests.ts";

const { signal } = new AbortController();
const MOST = 6;
const whole = [1, 2, 3, 4, 5, 6] as const;
/** Another history from the third version on. */
const branch = [1, 2, 30, 40, 50, 60] as const;
const to = (size: number, of: Said = whole): Said => of.slice(0, size);
const nothing = new Map<string, Uint8Array>();

describe("the leaf hashes of all versions", () => {
  test("are in the head of the first two, and one read away after that", async () => {
    const all: Uint8Array[] = [];
    for (let size = 1; size <= MOST; size++) {
      const { view, storage } = await viewOf(to(size));
      all.push(manifestLeafHash(view.manifest.bytes));
      expect(await manifestLeaves(view, signal)).toEqual(all);
      expect(storage.reads.length).toBe(size > 2 ? 1 : 0);
      expect(storage.limits).toEqual(size > 2 ? [32 * size] : []);
    }
  });

  test("come from any storage that has them, and are those that were signed", async () => {
    const { view } = await viewOf(to(5));
    const lost = new ScriptedStorage(nothing);
    const lying = new ScriptedStorage(stored);
    lying.before = async () => new Uint8Array(32 * 5);
    const right = new ScriptedStorage(stored);
    const { manifest } = view;
    const leaves = await manifestLeaves({ manifest, storages: [lost, lying, right] }, signal);
    expect(leaves).toHaveLength(5);
    // What the first one failed with is told.
    const error = await failure(manifestLeaves({ manifest, storages: [lost, lying] }, signal));
    expect(error).toMatchObject({ code: "ERR_NOT_FOUND" });
  });

  test("are refused if they are those of another state, or fewer, although their address is right", async () => {
    const { view } = await viewOf(to(5));
    const other = await viewOf(to(5, branch));
    const fewer = await viewOf(to(4));
    for (const { manifest } of [other.view, fewer.view]) {
      const wrong = { ...view.manifest, leaves: manifest.leaves! };
      expect(await failure(manifestLeaves({ ...view, manifest: wrong }, signal))).toMatchObject({
        code: "ERR_INTEGRITY",
        operation: "manifest.verify",
      });
    }
    const { leaves: _, ...without } = view.manifest;
    expect(await failure(manifestLeaves({ ...view, manifest: without }, signal))).toMatchObject({
      code: "ERR_INTEGRITY",
      message: expect.stringContaining("has no leaf hashes"),
    });
  });

  test("an abort is told as it is, and so is a fault of the program, without asking another storage", async () => {
    const { view, storage } = await viewOf(to(5));
    const next = new ScriptedStorage(stored);
    const storages = [storage, next];
    const bug = new TypeError("a bug");
    storage.before = () => Promise.reject(bug);
    expect(await failure(manifestLeaves({ ...view, storages }, signal))).toBe(bug);
    const controller = new AbortController();
    storage.before = () => {
      controller.abort("gave up");
      return Promise.reject(new UnreachableError("no", { operation: "storage.get" }));
    };
    expect(await failure(manifestLeaves({ ...view, storages }, controller.signal))).toBe("gave up");
    expect(next.reads).toEqual([]);
    // Closing aborts with an error of this framework, which is not one of a storage.
    const closing = new AbortController();
    const closed = new ClosedError("closed", { operation: "reader.close" });
    storage.before = () => {
      closing.abort(closed);
      return Promise.reject(new UnreachableError("no", { operation: "storage.get" }));
    };
    const asked = { ...view, storages: [new ScriptedStorage(nothing), storage] };
    expect(await failure(manifestLeaves(asked, closing.signal))).toBe(closed);
  });
});

describe("an object that a manifest names", () => {
  const object = new TextEncoder().encode("a keyring");
  const hash = rawSha256.digest(object) as Uint8Array;
  const elsewhere = new TextEncoder().encode("another");

  test("is under the address that follows from its hash, or under the one that the head gives", async () => {
    const address = await addressOf(object, rawSha256);
    const storage = new ScriptedStorage(new Map([[`${address}`, object]]));
    expect(await manifestObject({ objects: [] }, hash, storage, { maxBytes: 100, signal })).toEqual(object);
    expect([storage.reads, storage.limits]).toEqual([[`${address}`], [100]]);
    const other = { hash: new Uint8Array(32), address: await addressOf(elsewhere, rawSha256) };
    const objects = [other, { hash, address }];
    expect(await manifestObject({ objects }, hash, storage, { maxBytes: 100 })).toEqual(object);
  });

  test("is refused if it is another one", async () => {
    const address = await addressOf(elsewhere, rawSha256);
    const storage = new ScriptedStorage(new Map([[`${address}`, elsewhere]]));
    expect(
      await failure(manifestObject({ objects: [{ hash, address }] }, hash, storage, { maxBytes: 100 })),
    ).toMatchObject({ code: "ERR_INTEGRITY", operation: "manifest.read" });
  });
});

describe("of two states", () => {
  test("one is the same, extends the other or is older, and of neighbours the heads say it", async () => {
    for (let m = 1; m <= MOST; m++) {
      for (let n = 1; n <= MOST; n++) {
        const [verified, offered] = [await viewOf(to(m)), await viewOf(to(n))];
        const relation = await compareManifests(verified.view, offered.view, signal);
        expect(relation).toEqual({ kind: m === n ? "same" : m < n ? "extends" : "older" });
        const reads = verified.storage.reads.length + offered.storage.reads.length;
        expect(reads).toBe(Math.abs(m - n) > 1 ? 1 : 0);
      }
    }
  });

  test("two that contradict each other are a fork, with a proof that stands alone", async () => {
    for (let m = 1; m <= MOST; m++) {
      for (let n = 1; n <= MOST; n++) {
        const [verified, offered] = [await viewOf(to(m)), await viewOf(to(n, branch))];
        const relation = await compareManifests(verified.view, offered.view, signal);
        const smaller = Math.min(m, n);
        if (smaller < 3) {
          expect(relation.kind).toBe(m === n ? "same" : m < n ? "extends" : "older");
          continue;
        }
        if (relation.kind !== "forked") throw new Error(`${m} and ${n} are ${relation.kind}.`);
        expect(await verifyForkEvidence(relation.evidence)).toMatchObject({
          ...{ logId: genesis.logId, of: "manifest", smaller, larger: Math.max(m, n) },
        });
      }
    }
  });

  test("without the leaf hashes nobody knows, and an abort is told", async () => {
    const verified = await viewOf(to(2));
    const offered = await viewOf(to(6), nothing);
    expect(await compareManifests(verified.view, offered.view, signal)).toMatchObject({
      kind: "unverified",
      cause: { code: "ERR_NOT_FOUND" },
    });
    const leaving = AbortSignal.abort("gave up");
    expect(await failure(compareManifests(verified.view, offered.view, leaving))).toBe("gave up");
  });
});

test("the tree of the versions is that of RFC 9162", async () => {
  const range = CompactRange.empty();
  for (let size = 1; size <= MOST; size++) {
    range.appendLeaf(manifestLeafHash((await signed(to(size))).bytes));
    const { view } = await viewOf(to(size));
    expect(view.manifest.checkpoint.root).toEqual(range.root());
    expect(view.manifest.before.size).toBe(size - 1);
  }
});
