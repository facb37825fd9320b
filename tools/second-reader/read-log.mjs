// Reads a log from one remote, and verifies all of it.

import { checkContent } from "./address.mjs";
import { equal, fromUtf8, sha256 } from "./bytes.mjs";
import { decodeName, leafOf, pairsBelow, verifyHead } from "./head.mjs";
import { checkRemotes } from "./link.mjs";
import { isRemoved, newestManifest } from "./manifest.mjs";
import { GrowingTree } from "./merkle.mjs";
import { mvdsId } from "./mvds.mjs";
import { Refused, verified } from "./refused.mjs";
import { epochKeys, epochOf, openEntry, openRemotes } from "./sealing.mjs";

/**
 * @typedef {object} Remote
 * @property {(address: Uint8Array) => Uint8Array | undefined} read what stands under an address, not checked
 * @property {(logId: Uint8Array) => Uint8Array | undefined} nameOf what a name holds
 *
 * @typedef {object} State what a reader knows of a log
 * @property {number} size
 * @property {Uint8Array} [root]
 * @property {import("./manifest.mjs").ManifestState | undefined} [manifest]
 * @property {readonly Uint8Array[]} [successions] that led to the key which signed it; a floor says nothing of that, and always holds
 *
 * @typedef {"content" | "sealed" | "removed" | "withheld" | "key-missing" | "wrong-key"} Status
 *   `sealed`: no key was given; `withheld`: the storage shows no content, and the writer did not say that it removed it
 * @typedef {{ index: number, status: Status, content?: Uint8Array }} Entry `content` of a sealed entry: the bytes as stored
 */

/**
 * Reads the newest state of a log. Everything but the pages and contents is verified when this returns, and each entry
 * when `entries` gives it.
 *
 * @param {object} options
 * @param {Remote} options.remote
 * @param {Uint8Array} options.logId
 * @param {Uint8Array} [options.key] of a private log: 32 bytes, of any epoch
 * @param {State} [options.known] what this state has to extend: one that was read before, or the floor of a link
 */
export function readLog({ remote, logId, key, known }) {
  /** @param {Uint8Array} address */
  const find = (address) => {
    const bytes = remote.read(address);
    if (bytes !== undefined) checkContent(address, bytes);
    return bytes;
  };
  /** @param {Uint8Array} address */
  const read = (address) => {
    const bytes = find(address);
    if (bytes === undefined) throw new Refused("missing", "an object that the log names is not there");
    return bytes;
  };

  const value = remote.nameOf(logId);
  if (value === undefined) throw new Refused("missing", "no log of this id is there");
  const name = decodeName(value);
  const head = verifyHead("pointer" in name ? read(name.pointer) : name.head, logId, read);
  const { genesis, size, root } = head;
  const successions = head.manifest?.manifest.successions ?? [];
  for (const succession of head.manifest?.successions ?? []) checkExtends(succession.entries);
  const state = checkKnown();
  const manifest = state?.manifest;
  const epochs = manifest?.epochs ?? [];
  const keys = genesis.isPublic || key === undefined ? undefined : epochKeys(key, logId, epochs);
  const identify = genesis.mvds ? mvdsId : sha256;
  return {
    logId,
    genesis,
    size,
    root,
    remoteId: name.remoteId,
    manifest: state,
    remotes: remotesOf(),
    successions,
    entries,
  };

  /** @returns {Generator<Entry>} all entries, from 0 on */
  function* entries() {
    let index = 0;
    const tree = new GrowingTree();
    for (const pair of pairsBelow(head, read)) {
      tree.add(1, leafOf(pair));
      yield { index, ...entryOf(index++, pair) };
    }
    verified(index === size && equal(tree.root, root), "entries that do not add up to the signed root");
  }

  /**
   * @param {number} index
   * @param {import("./messages.mjs").Pair} pair
   * @returns {{ status: Status, content?: Uint8Array }}
   */
  function entryOf(index, { localHash, contentHash, data, address }) {
    if (isRemoved(manifest, index)) return { status: "removed" };
    const stored = data ?? (address && find(address));
    if (stored === undefined) return { status: "withheld" };
    verified(equal(sha256(stored), contentHash), "a content with another hash than the signed one");
    if (genesis.isPublic) {
      verified(equal(identify(stored), localHash), "an entry that is not the one it is called");
      return { status: "content", content: stored };
    }
    if (keys === undefined) return { status: "sealed", content: stored };
    const contentKey = keys.get(epochOf(index, epochs));
    if (contentKey === undefined) return { status: "key-missing" };
    const content = openEntry({ index, stored, localHash }, contentKey, genesis, identify);
    return content === undefined ? { status: "wrong-key" } : { status: "content", content };
  }

  /** The newest manifest, once what was known is compared with what is shown. */
  function checkKnown() {
    if (known === undefined) return head.manifest;
    const before = known.successions ?? successions;
    if (before.some((note, i) => i < successions.length && !equal(note, successions[i])))
      throw new Refused("contradiction", "the recovery key named two successors");
    const end = head.manifest?.successions[before.length];
    try {
      const version = known.manifest?.manifest.version ?? 0;
      if (end !== undefined && (known.size > end.entries.size || version > end.versions.size))
        throw new Refused("contradiction", "a former key signed more than it was ended with");
      checkExtends(known);
      return newestManifest(known.manifest, head.manifest);
    } catch (error) {
      // What a former key signed gives way to what a later one signs.
      if (end !== undefined && error instanceof Refused && error.kind === "contradiction")
        return head.manifest;
      throw error;
    }
  }

  /** @param {State} before */
  function checkExtends(before) {
    if (before.size > size) throw new Refused("contradiction", "fewer entries are shown than were known");
    if (before.root === undefined || (before.size === size && equal(before.root, root))) return;
    const tree = new GrowingTree();
    for (const pair of pairsBelow(head, read)) {
      if (tree.size === before.size) break;
      tree.add(1, leafOf(pair));
    }
    if (!equal(tree.root, before.root))
      throw new Refused("contradiction", "what was known is not the beginning of what is shown");
  }

  /** Where the log lives, as its manifest says; `undefined` if the key does not tell. */
  function remotesOf() {
    if (manifest === undefined || manifest.remotes.length === 0) return [];
    try {
      const newest = keys?.get(Math.max(epochs.length - 1, 0));
      const text = genesis.isPublic
        ? manifest.remotes
        : newest && openRemotes(manifest.remotes, newest, logId);
      if (text === undefined) return undefined;
      const uris = fromUtf8(text).split("\n");
      checkRemotes(uris);
      return uris;
    } catch (error) {
      // One that breaks a rule: none of them is used, and the entries are read all the same.
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }
}
