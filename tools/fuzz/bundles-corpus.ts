// Valid inputs of the decoders of bundles, and of the nodes that name them.

import { Address } from "../../packages/core/src/address/address.ts";
import { sha256 } from "../../packages/core/src/crypto/sha256.ts";
import { decodeWireBundle } from "../../packages/core/src/wire/bundle-message.ts";
import { decodeIndexNode } from "../../packages/core/src/wire/index-node-message.ts";
import {
  decodeRemoteLog,
  encodeRemoteLog,
  type WireRemoteLog,
} from "../../packages/core/src/wire/remote-log-message.ts";
import { BUNDLED_LEAF } from "./decoders/bundles.ts";
import { writeSmallLog } from "./small-log.ts";

/** Nodes with bundles, the messages in them, and the bundles: of an import, and of what was appended after it. */
export async function bundledParts(): Promise<
  Readonly<Record<"nodes" | "messages" | "bundles", Uint8Array[]>>
> {
  const cuts = { leafSize: BUNDLED_LEAF, fanOut: 8 };
  const appended = Array.from({ length: 12 }, (_, i) => 70 + 2 * i);
  const logs = [
    await writeSmallLog([70, ...appended], cuts, "bundled", "writer"),
    await writeSmallLog([40], { ...cuts, identifiers: "mvds" }, "bundled", "writer"),
  ];
  const nodes: Uint8Array[] = [];
  const messages: Uint8Array[] = [];
  const bundles: Uint8Array[] = [];
  for (const { objects } of logs) {
    for (const content of objects.values()) {
      const found = bundlesIn(content);
      if (found.length === 0) continue;
      nodes.push(content);
      messages.push(...found);
      for (const message of found)
        bundles.push(objects.get(`${Address.fromBytes(decodeWireBundle(message).address)}`)!);
    }
  }
  const whole = decodeRemoteLog(bundles[0]!);
  const named = whole.pairs.map((pair) =>
    pair.localHash.length > 0 ? pair : { ...pair, localHash: sha256(pair.data) },
  );
  const removedPairs = encodeRemoteLog(removed({ ...whole, pairs: named }));
  return {
    nodes: nodes.slice(-4),
    messages: messages.slice(-3),
    bundles: [...bundles.slice(0, 2), ...bundles.slice(-2), removedPairs],
  };
}

/** The bundles that an object names, if it is a node. */
function bundlesIn(content: Uint8Array): readonly Uint8Array[] {
  try {
    return decodeIndexNode(content).bundles ?? [];
  } catch {
    return [];
  }
}

/** The same with a pair that was removed. */
export function removed(log: WireRemoteLog): WireRemoteLog {
  const none = new Uint8Array(0);
  return {
    ...log,
    pairs: log.pairs.map((pair) => ({
      ...pair,
      remoteHash: none,
      data: none,
      contentHash: new Uint8Array(32),
    })),
  };
}
