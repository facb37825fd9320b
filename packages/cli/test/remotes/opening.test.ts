// No kind of remote needs a network to be opened, whatever it is opened for.

import { deriveKeys, generateSeed } from "@remote-log/core";
import { NEVER } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { builtInSchemes } from "../../src/remotes/built-in-schemes.ts";
import { closeRemotes } from "../../src/remotes/open-remotes.ts";

const silent = await scriptedServer(NEVER);
const host = new URL(silent.url).host;
const ipnsName = "k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r";
const feed = `${"1".repeat(40)}/${"2".repeat(64)}`;
const stamp = "3".repeat(64);
const nameKeys = deriveKeys(generateSeed());
const context = { nameKeys, logId: "4".repeat(64) };

/** For each scheme: the URI of a writer's remote, and that of a reader's, as far as there are such. */
const uris: Readonly<Record<string, { readonly writes?: string; readonly reads?: string }>> = {
  static: { writes: "static:///nowhere/at/all", reads: "static:///nowhere/at/all" },
  file: { writes: "file:///nowhere/at/all", reads: "file:///nowhere/at/all" },
  car: { reads: "car:///nowhere/at/all.car" },
  s3: {
    writes: `s3://bucket/log?endpoint=http://${host}`,
    reads: `s3://bucket/log?endpoint=http://${host}`,
  },
  http: { reads: `http://${host}/log` },
  https: { reads: `https://${host}/log` },
  "ipfs+http": { writes: `ipfs+http://${host}`, reads: `ipfs+http://${host}?name=${ipnsName}` },
  "ipfs+https": { writes: `ipfs+https://${host}`, reads: `ipfs+https://${host}?name=${ipnsName}` },
  ipns: { reads: `ipns://${ipnsName}?gateway=http://${host}` },
  "bee+http": {
    writes: `bee+http://${host}?stamp=${stamp}`,
    reads: `bee+http://${host}?owner=${"1".repeat(40)}`,
  },
  "bee+https": { writes: `bee+https://${host}?stamp=${stamp}` },
  swarm: { reads: `swarm://${feed}?gateway=http://${host}` },
};

test("the table has every scheme", () => {
  expect(Object.keys(uris).sort()).toEqual(builtInSchemes.map(([scheme]) => scheme).sort());
});

test.each(builtInSchemes)("%s: opening asks nobody", async (scheme, kind) => {
  const { writes, reads } = uris[scheme]!;
  if (reads !== undefined) {
    await closeRemotes([await kind.open(reads, "reads", {})]);
    const open = kind.openFromLink?.(reads);
    if (typeof open === "function") {
      await closeRemotes([await open(reads, "linked", { fetch: globalThis.fetch })]);
    }
  }
  if (writes !== undefined) {
    await closeRemotes([await kind.open(writes, "writes", context)]);
    await kind.readerUri?.(writes, context);
    if (kind.openTarget) await closeRemotes([await kind.openTarget(writes, "target", ipnsName)]);
  }
  expect(silent.connections.total).toBe(0);
});
