// OrbitDB: two Helia nodes over one connection.

import { join } from "node:path";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { bitswap } from "@helia/block-brokers";
import { gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createOrbitDB } from "@orbitdb/core";
import { LevelBlockstore } from "blockstore-level";
import { createHelia } from "helia";
import { createLibp2p } from "libp2p";
import { checkPayloads, ENTRIES } from "../payloads.mjs";
import { appends, overLinks } from "../timing.mjs";

export async function measure(bench) {
  const { folder, figure, payloads } = bench;
  const contents = payloads(ENTRIES);
  const first = await openNode(join(folder, "first"), ["/ip4/127.0.0.1/tcp/0"]);
  let logs = 0;
  const open = async () => {
    const db = await first.orbitdb.open(`log ${logs++}`, { type: "events" });
    return { append: (content) => db.add(content), close: () => db.close() };
  };
  await appends(bench, "without fsync", open, false);
  const db = await first.orbitdb.open("log", { type: "events" });
  await figure("the log", async () => {
    for (const content of contents) await db.add(content);
    return {};
  });
  const address = first.libp2p.getMultiaddrs()[0];
  const target = Number(address.toString().split("/")[4]);
  let nodes = 0;
  const catchUp = async (port) => {
    const node = await openNode(join(folder, `node-${nodes++}`), []);
    await node.libp2p.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${first.libp2p.peerId}`));
    const copy = await node.orbitdb.open(db.address);
    await new Promise((resolve, reject) => {
      copy.events.once("update", resolve);
      copy.events.once("error", reject);
    });
    const read = [];
    for await (const { value } of copy.iterator()) read.push(value);
    checkPayloads(read.reverse(), contents);
    return () => node.close();
  };
  // Minutes: nothing is gained by a first time that does not count.
  await overLinks(bench, {
    name: "catch up and keep it",
    count: ENTRIES,
    target,
    read: catchUp,
    warm: false,
  });
  await first.close();
}

/** A node that talks to nobody but those whom it dials here. */
async function openNode(folder, listen) {
  const libp2p = await createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) },
  });
  const blockstore = new LevelBlockstore(join(folder, "blocks"));
  // Helia's own routers and gateways are public ones.
  const ipfs = await createHelia({ libp2p, blockstore, blockBrokers: [bitswap()], routers: [] });
  const orbitdb = await createOrbitDB({ ipfs, directory: join(folder, "orbitdb") });
  return {
    libp2p,
    orbitdb,
    async close() {
      await orbitdb.stop();
      await ipfs.stop();
    },
  };
}
