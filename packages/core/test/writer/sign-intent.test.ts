// The next head of a log: whose place it names, what of the manifest it carries, and that all of it is durable before it is used.

import { bytesToHex } from "@noble/hashes/utils.js";
import { memoryStorage } from "@remote-log/memory";
import { expect, test } from "vitest";
import type { Remote } from "../../src/index.ts";
import { remoteIdIn } from "../../src/log/head.ts";
import { openHead } from "../../src/tree/open-head.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { HeadObjects } from "../../src/writer/head-objects.ts";
import { signIntent } from "../../src/writer/sign-intent.ts";
import { nameOn, placeWith } from "./name-on-remote.ts";

const { signal } = new AbortController();

async function sign(
  remoteId: string | undefined,
  firstKept: readonly number[] = [],
  snapshot: { readonly snapshot?: number } = {},
) {
  const place = await placeWith(5);
  const options = snapshot.snapshot === undefined ? {} : { largestEmbedded: 0 };
  const { state, tree, records, remote, logId, close } = await nameOn(place, options);
  for (const first of firstKept)
    await state.manifests.change((content) => ({ ...content, ...snapshot, firstKept: first }));
  const stored = await tree.store(5, { root: state.tree.root(), last: true, signal });
  const heads = new HeadObjects({ records, storage: remote.storage });
  const parts = { remote, writer: state, records, tree, heads, remoteId };
  const signed = await signIntent(parts, state.tree, stored, signal);
  const own: Remote = { ...remote, storage: memoryStorage({ contents: place.contents }) };
  const head = await openHead(own, logId, signed.intent.content, defaultLimits.headBytes, signal);
  const { content, ...intent } = (await records.loadIntent())!;
  const note = await state.manifests.records.loadSigned();
  const again = { intent: { ...intent, content: Uint8Array.from(content) }, note };
  return { ...signed, head, again, state, close };
}

test("a remote that has an id keeps it, and another one gets a new one", async () => {
  const known = "0123456789abcdef".repeat(2);
  const ids = new Set<string>();
  for (const given of [known, undefined, undefined]) {
    const { remoteId, intent, close } = await sign(given);
    expect(bytesToHex(remoteIdIn(intent.content)!)).toBe(remoteId);
    ids.add(remoteId);
    await close();
  }
  expect(ids.size).toBe(3);
  expect(ids).toContain(known);
});

test("a head is in the journal before it is used, and counts as signed", async () => {
  const { intent, again, head, state, close } = await sign(undefined);
  expect(head.checkpoint.size).toBe(5);
  expect(head.manifest).toBeUndefined();
  expect(intent).not.toHaveProperty("manifest");
  expect(again).toEqual({ intent, note: undefined });
  expect(state.signer.largest?.checkpoint).toEqual(head.checkpoint);
  await close();
});

test("a head carries the newest version of the manifest, which is then signed, here and in the journal", async () => {
  const { intent, again, head, state, close } = await sign(undefined, [1, 2]);
  expect(head.manifest?.manifest).toMatchObject({ version: 2, firstKept: 2 });
  expect(intent.manifest).toBe(2);
  expect(again).toEqual({ intent, note: head.manifest?.note });
  expect(state.manifests.signed).toEqual(head.manifest?.checkpoint);
  await close();
});

test("a head says where the content of a snapshot is that it does not show itself", async () => {
  for (const [snapshot, isTold] of [
    [3, true],
    // The first of the newest entries, which are in the head.
    [4, false],
  ] as const) {
    const { head, close } = await sign(undefined, [1], { snapshot });
    expect(head.pairs).toHaveLength(1);
    expect(head.snapshotContent !== undefined).toBe(isTold);
    await close();
  }
});
