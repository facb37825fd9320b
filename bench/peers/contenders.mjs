/** What is measured: which packages each needs to do what it does in this run, and what an application would bundle. */
export const CONTENDERS = [
  {
    id: "remote-log",
    name: "remote-log",
    packages: ["@remote-log/core", "@remote-log/fs", "@remote-log/s3", "classic-level"],
    entry: {
      what: "reader and writer, publicS3Remote, browser-level",
      source: [
        'export { openReader, openWriter } from "@remote-log/core";',
        'export { publicS3Remote } from "@remote-log/s3/public";',
        'export { BrowserLevel } from "browser-level";',
      ],
      needs: "`events` for browser-level",
      reader: [
        'export { openReader } from "@remote-log/core";',
        'export { publicS3Remote } from "@remote-log/s3/public";',
      ],
    },
  },
  {
    id: "hypercore",
    name: "Hypercore 11",
    packages: ["hypercore"],
    entry: { what: "Hypercore", source: ['export { default } from "hypercore";'], needs: "" },
  },
  {
    id: "orbitdb",
    // A reader gets all of it before it gets anything.
    wholeLog: true,
    name: "OrbitDB 4",
    // A round takes it some ten minutes.
    once: true,
    packages: [
      "@orbitdb/core",
      "helia",
      "libp2p",
      "@libp2p/gossipsub",
      "@libp2p/identify",
      "@libp2p/tcp",
      "@chainsafe/libp2p-noise",
      "@chainsafe/libp2p-yamux",
      "@helia/block-brokers",
      "blockstore-level",
    ],
    alone: ["@orbitdb/core"],
    entry: {
      what: "OrbitDB, Helia, libp2p with what it needs to connect",
      source: [
        'export { createOrbitDB } from "@orbitdb/core";',
        'export { createHelia } from "helia";',
        'export { bitswap } from "@helia/block-brokers";',
        'export { createLibp2p } from "libp2p";',
        'export { identify } from "@libp2p/identify";',
        'export { gossipsub } from "@libp2p/gossipsub";',
        'export { noise } from "@chainsafe/libp2p-noise";',
        'export { yamux } from "@chainsafe/libp2p-yamux";',
        'export { LevelBlockstore } from "blockstore-level";',
      ],
      needs: "`events`",
    },
  },
  {
    id: "yjs",
    wholeLog: true,
    name: "Yjs 13",
    packages: ["yjs", "y-protocols", "y-leveldb", "lib0"],
    alone: ["yjs"],
    entry: {
      what: "Yjs and the sync protocol",
      source: [
        'export * from "yjs";',
        'export * from "y-protocols/sync";',
        'export * as encoding from "lib0/encoding";',
        'export * as decoding from "lib0/decoding";',
      ],
      needs: "",
    },
  },
];
