// The map of the house. `pnpm lint` holds every import against it, types included (tools/rooms/check.mjs).
//
// Everywhere: no circle of files, no circle of rooms. A room is a folder below `src`, or a file that lies in `src` itself.

/**
 * The packages. Each may import the packages under `imports` and the libraries under `libraries`, besides what Node
 * brings, and nothing else. An adapter imports the core and its client alone; the core imports no adapter and no client.
 */
export const packages = {
  core: {
    libraries: [
      "@noble/ciphers",
      "@noble/curves",
      "@noble/hashes",
      "@scure/bip39",
      "@stablelib/chacha",
      "@stablelib/poly1305",
      "@stablelib/xchacha20",
      "age-encryption",
      "multiformats",
      "sha256-uint8array",
    ],
  },

  // Adapters.
  memory: { imports: ["core"] },
  fs: { imports: ["core"] },
  s3: {
    imports: ["core"],
    libraries: ["@aws-sdk/client-s3", "@smithy/signature-v4"],
  },
  ipfs: {
    imports: ["core"],
    libraries: ["@libp2p/crypto", "@noble/hashes", "cborg", "ipns", "multiformats"],
  },
  swarm: { imports: ["core"], libraries: ["@noble/curves", "@noble/hashes", "hash-wasm"] },

  // A log in one file.
  car: { imports: ["core"] },

  // Layers around storages and names.
  layers: { imports: ["core"], libraries: ["@opentelemetry/api", "idb", "lru-cache"] },

  // Data sync.
  mvds: { imports: ["core"] },
  // Several logs as one.
  group: { imports: ["core"], libraries: ["@noble/hashes", "@scure/base", "cborg"] },

  // What logs and data sync cost on a virtual clock.
  simulator: {
    imports: ["bench", "core", "memory", "mvds"],
    libraries: ["@observablehq/plot", "linkedom", "memory-level", "pure-rand"],
  },

  // What every adapter is held against, and what begins a new one.
  conformance: { imports: ["core", "memory"], libraries: ["fast-check", "memory-level", "vitest"] },
  "create-adapter": {},

  // A mirror that runs for good.
  serve: { imports: ["core", "fs"] },

  // The program.
  cli: {
    imports: ["car", "core", "fs", "ipfs", "s3", "serve", "swarm"],
    libraries: ["@aws-sdk/client-s3", "classic-level", "commander", "qr", "undici"],
  },

  // Private: real servers for tests, and what the tests of every package share.
  "test-kit": { libraries: ["vitest"] },
  servers: { libraries: ["@aws-crypto/sha256-js", "@smithy/signature-v4"] },
};

/**
 * The rooms of the core, from the ground up: in this order a newcomer reads. A room imports rooms of lower floors alone, so
 * rooms on one floor stand side by side and know nothing of each other.
 *
 * The data flows through them like this. Out: writer/append-queue → journal → writer/remote-publisher, which sends contents,
 * pages, index nodes and the head to `remote.storage`, and moves the name. In: the name → tree/open-head, which checks the
 * head's signature → tree/tree-view, which reads and checks what is below it → reader, or mirror.
 */
export const coreFloors = [
  // What everything stands on: bytes, text, errors; what not every runtime has; the types of options; the concurrency kit.
  ["bytes.ts", "utf8.ts", "with-defaults.ts"],
  ["errors"],
  ["runtime"],
  ["options"],
  ["async"],
  // Files that only some can open, by the age library.
  ["age"],
  // Hashes and signatures.
  ["crypto"],
  // A seed as words: the entry `@remote-log/core/words`.
  ["words"],
  // Messages as bytes; the Merkle tree; signed checkpoints and proofs as text.
  ["wire", "merkle"],
  ["checkpoint"],
  // Mirrors and witnesses that sign checkpoints, and policies: the entry `@remote-log/core/cosign`.
  ["cosign"],
  // How a content is found: by its hash.
  ["address"],
  // What a log is made of: genesis, entries, pages, index nodes, heads.
  ["log"],
  // Readers by name: the entry `@remote-log/core/keyring`.
  ["keyring"],
  // The two interfaces that adapters implement, and how they are asked.
  ["remote"],
  // What adapters share: the entry `@remote-log/core/adapter`.
  ["adapter"],
  // A log on a remote, read and verified as far as it is needed.
  ["tree"],
  // A log on the writer's own device.
  ["journal"],
  // What people call.
  ["writer", "reader", "mirror", "link"],
  ["open-link.ts"],
  ["open-reader.ts"],
  ["index.ts"],
];

/**
 * Imports that break a rule today. Whoever mends one deletes it here: an exception that is not needed is a fault, too.
 * Each is a file with the files that it must not import.
 */
export const exceptions = {};
