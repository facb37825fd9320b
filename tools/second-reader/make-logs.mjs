// Makes the kept logs of vectors/logs, as the writer of today writes them: node tools/second-reader/make-logs.mjs
// It makes what is not there yet, and never replaces a file: the files are there so that later versions still read them.

import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deviceSeed, formatLink, openWriter } from "@remote-log/core";
import { generateIdentity, recipientOf } from "@remote-log/core/keyring";
import { fsRemote } from "@remote-log/fs";
import { MemoryLevel } from "memory-level";
import { openFolder } from "./index.mjs";

const folder = fileURLToPath(new URL("../../vectors/logs/", import.meta.url));
/** The month in which a file was made, which its name begins with. */
const MONTH = "2026-11";

/** @param {Uint8Array} bytes */
const hexOf = (bytes) => Buffer.from(bytes).toString("hex");
const textBytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** @typedef {import("@remote-log/core").Writer} Writer */

/** A log that is being written, and what has to be read of it. */
class KeptLog {
  /** @type {({ content: string } | { removed: true })[]} */
  entries = [];
  /** Keys and identities, with the entries that they open: `[first, end]`, the end not included.
   * @type {{ key?: string, identity?: string, opens: [number, number] }[]} */
  readers = [];
  /** @type {string[]} */
  remotes = [];

  /**
   * @param {Writer} writer
   * @param {string} root
   * @param {(seed: import("@remote-log/core").DeviceSeed) => Promise<Writer>} reopen
   */
  constructor(writer, root, reopen) {
    this.writer = writer;
    this.root = root;
    this.reopen = reopen;
  }

  /** @param {Uint8Array} recoverySeed */
  async rotateSigningKey(recoverySeed) {
    await this.writer.close();
    this.writer = await this.reopen(await deviceSeed(recoverySeed, 1));
    await this.writer.rotateSigningKey(recoverySeed);
    await this.writer.publish();
  }

  /**
   * @param {readonly Uint8Array[]} contents
   * @param {{ snapshot?: boolean }} [options]
   */
  async append(contents, options = {}) {
    for (const content of contents) {
      await this.writer.append(content, options);
      this.entries.push({ content: hexOf(content) });
    }
    await this.writer.publish();
  }

  /** @param {readonly number[]} numbers */
  async remove(numbers) {
    await this.writer.remove(numbers);
    for (const number of numbers) this.entries[number] = { removed: true };
    await this.writer.publish();
  }

  /** @param {number} count */
  async keepNewest(count) {
    await this.writer.keepNewest({ entries: count });
    const { firstKept = 0 } = this.writer.manifest ?? {};
    for (let i = 0; i < firstKept; i++) this.entries[i] = { removed: true };
    await this.writer.publish();
  }

  /** @param {readonly string[]} uris */
  async setRemotes(uris) {
    await this.writer.setRemotes(uris);
    this.remotes = [...uris];
    await this.writer.publish();
  }

  /** @param {string} note */
  async result(note) {
    const { logId, readKey: key, manifest } = this.writer;
    const files = await readdir(join(this.root, "contents"), { recursive: true, withFileTypes: true });
    const objects = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
    );
    const name = openFolder(this.root).nameOf(new Uint8Array(Buffer.from(logId, "hex")));
    const { version = 0, snapshot = null, firstKept = 0, removed = [], epochs = [] } = manifest ?? {};
    const successions = manifest?.successions.length ?? 0;
    return {
      note,
      logId,
      link: formatLink({ logId, remotes: ["file:///log"], ...(key && { key }), floor: { size: 3 } }),
      name: hexOf(/** @type {Uint8Array} */ (name)),
      objects: objects.map(hexOf).sort(),
      entries: this.entries,
      manifest: {
        version,
        snapshot,
        firstKept,
        removed,
        epochs: epochs.map(({ first }) => first),
        successions,
      },
      remotes: this.remotes,
      readers: this.readers,
    };
  }
}

/**
 * @param {number} from
 * @param {number} to
 */
function contents(from, to) {
  return Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    return textBytes(
      n % 7 === 6 ? "" : n % 3 === 0 ? `entry ${n} ${"in an object of its own ".repeat(3)}` : `entry ${n}`,
    );
  });
}

/** @param {number} n */
function message(n) {
  const body = Buffer.from(`body ${n}`);
  // 2/MVDS: fields 6001 (group id), 6002 (timestamp), 6003 (body), 6004 (metadata with a parent).
  return new Uint8Array(
    Buffer.concat([
      Buffer.from(`8af70220${"ab".repeat(32)}90f702${n.toString(16).padStart(2, "0")}9af702`, "hex"),
      Buffer.from([body.length]),
      body,
      Buffer.from(`a2f702220a20${"cd".repeat(32)}`, "hex"),
    ]),
  );
}

/** What the signing key of a log is replaced with that has a recovery key. */
const recoverySeed = new Uint8Array(Buffer.from("recovery".padEnd(32, ".")));

/** @type {Record<string, { settings: object, note: string, recovery?: true, bundles?: "writer", write(log: KeptLog): Promise<void> }>} */
const logs = {
  public: {
    note: "A public log: a snapshot, removed entries, retention, and remotes.",
    settings: { visibility: "public", leafSize: 2, fanOut: 2 },
    async write(log) {
      await log.append(contents(0, 9));
      await log.remove([1, 4]);
      await log.append(contents(9, 10), { snapshot: true });
      await log.append(contents(10, 17));
      await log.setRemotes(["https://example.org/log", "file:///srv/log"]);
      await log.keepNewest(12);
      await log.remove([15]);
    },
  },
  snapshot: {
    note: "A private log whose newest snapshot is an object of its own far back: the head says where. The one before was removed.",
    settings: { visibility: "private", leafSize: 2, fanOut: 2 },
    async write(log) {
      const state = (/** @type {number} */ n) =>
        textBytes(`state ${n} of ${"all entries before ".repeat(20)}`);
      await log.append(contents(0, 3));
      await log.append([state(3)], { snapshot: true });
      await log.append(contents(4, 9));
      await log.append([state(9)], { snapshot: true });
      await log.append(contents(10, 22));
      await log.remove([3]);
      const key = /** @type {import("@remote-log/core").ReadKey} */ (log.writer.readKey);
      log.readers.push({ key: hexOf(key.toBytes()), opens: [0, 22] });
    },
  },
  mvds: {
    note: "A private log of 2/MVDS messages, without padding, that says nothing of itself.",
    settings: { visibility: "private", identifiers: "mvds", padding: "none", leafSize: 4, fanOut: 2 },
    write: (log) => log.append(Array.from({ length: 11 }, (_, n) => message(n))),
  },
  private: {
    note: "A private log with five epochs, of which readers by name open some; a snapshot, removed entries, and remotes.",
    settings: { visibility: "private", leafSize: 2, fanOut: 4 },
    async write(log) {
      const { writer } = log;
      const key = () => hexOf(/** @type {import("@remote-log/core").ReadKey} */ (writer.readKey).toBytes());
      const [alice, bob, carol] = await Promise.all([1, 2, 3].map(() => generateIdentity()));
      const recipients = await Promise.all([alice, bob, carol].map((identity) => recipientOf(identity)));
      await log.append(contents(0, 5));
      log.readers.push({ key: key(), opens: [0, 5] });
      await writer.grant([recipients[0]], { withHistory: true });
      await writer.grant([recipients[2]]);
      await log.append(contents(5, 9));
      log.readers.push({ key: key(), opens: [0, 9] });
      await writer.revoke([recipients[2]]);
      await log.append(contents(9, 12));
      await log.append(contents(12, 13), { snapshot: true });
      await writer.grant([recipients[1]]);
      await log.append(contents(13, 21));
      await log.remove([2, 6, 7, 20]);
      await log.setRemotes(["s3://bucket/log", "https://example.org/log"]);
      await writer.grant([recipients[2]]);
      await log.append(contents(21, 24));
      log.readers.push({ key: key(), opens: [0, 24] });
      log.readers.push({ identity: alice, opens: [0, 24] }, { identity: bob, opens: [13, 24] });
    },
  },
  hybrid: {
    note: "A private log whose readers by name have hybrid (post-quantum) identities.",
    settings: { visibility: "private" },
    async write(log) {
      const [alice, bob] = await Promise.all([1, 2].map(() => generateIdentity("hybrid")));
      await log.append(contents(0, 4));
      await log.writer.grant([await recipientOf(alice)], { withHistory: true });
      await log.writer.grant([await recipientOf(bob)]);
      await log.append(contents(4, 19));
      log.readers.push({ identity: alice, opens: [0, 19] }, { identity: bob, opens: [4, 19] });
    },
  },
  rotated: {
    note: "A private log whose signing key was replaced once, after 9 entries and a version of the manifest; then a removed entry.",
    settings: { visibility: "private", leafSize: 2, fanOut: 2 },
    recovery: true,
    async write(log) {
      const key = () =>
        hexOf(/** @type {import("@remote-log/core").ReadKey} */ (log.writer.readKey).toBytes());
      await log.append(contents(0, 9));
      await log.setRemotes(["file:///srv/log"]);
      log.readers.push({ key: key(), opens: [0, 9] });
      await log.rotateSigningKey(recoverySeed);
      await log.append(contents(9, 16));
      await log.remove([3, 12]);
      log.readers.push({ key: key(), opens: [0, 16] });
    },
  },
  "bundled-import": {
    note: "A public log that was published at once: older pages are in bundles alone; then removed entries, and more of them.",
    settings: { visibility: "public", leafSize: 2, fanOut: 8 },
    bundles: "writer",
    async write(log) {
      await log.append(contents(0, 71));
      await log.remove([1, 4, 40]);
      await log.append(contents(71, 80));
    },
  },
  "bundled-steps": {
    note: "A private log with two epochs that was published bit by bit: bundles beside their pages; then removed entries.",
    settings: { visibility: "private", leafSize: 2, fanOut: 4 },
    bundles: "writer",
    async write(log) {
      const key = () =>
        hexOf(/** @type {import("@remote-log/core").ReadKey} */ (log.writer.readKey).toBytes());
      const alice = await generateIdentity();
      for (let from = 0; from < 21; from += 3) await log.append(contents(from, from + 3));
      log.readers.push({ key: key(), opens: [0, 21] });
      await log.writer.grant([await recipientOf(alice)]);
      for (let from = 21; from < 42; from += 3) await log.append(contents(from, from + 3));
      await log.remove([0, 5, 6, 30]);
      log.readers.push({ key: key(), opens: [0, 42] }, { identity: alice, opens: [21, 42] });
    },
  },
};

for (const [kind, log] of Object.entries(logs)) {
  const file = join(folder, `${MONTH}-${kind}.json`);
  if (existsSync(file)) continue;
  const root = await mkdtemp(join(tmpdir(), "remote-log-kept-"));
  try {
    const journal = new MemoryLevel();
    const open = (/** @type {import("@remote-log/core").WriterOptions["seed"]} */ seed) =>
      openWriter({
        seed,
        journal,
        remotes: [fsRemote({ root, sync: false })],
        publish: "manual",
        bundles: log.bundles ?? "off",
        settings: log.settings,
        leastCapacity: 1,
        largestEmbedded: 40,
        graceMilliseconds: 0,
      });
    const seed = log.recovery
      ? await deviceSeed(recoverySeed)
      : new Uint8Array(Buffer.from(kind.padEnd(32, ".")));
    const written = new KeptLog(await open(seed), root, open);
    await log.write(written);
    await writeFile(file, `${JSON.stringify(await written.result(log.note), undefined, 1)}\n`, {
      flag: "wx",
    });
    await written.writer.close();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
