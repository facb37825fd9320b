// What the journal remembers of each remote.

import { bytesToHex } from "@noble/hashes/utils.js";
import { Address } from "../address/address.ts";
import { concatBytes } from "../bytes.ts";
import { HASH_BYTES, sha256 } from "../crypto/sha256.ts";
import type { Ref } from "../log/page.ts";
import type { SequenceRanges } from "../log/sequence-ranges.ts";
import type { Cuts } from "../log/tree-shape.ts";
import type { Revision } from "../remote/name-resolver.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import { DEFAULT_WIRE_LIMITS } from "../wire/limits.ts";
import { BundleRecords } from "./bundle-records.ts";
import type { BatchOperation } from "./database.ts";
import { corrupt, type Journal } from "./journal.ts";
import { refKey, remoteKey, remoteKeys } from "./keys.ts";
import { OldObjectRecords } from "./old-objects.ts";
import { isCount, isHeads, isObject, isRewrite } from "./record-checks.ts";

/** What was last published on a remote, as far as the journal knows. */
export interface PublishedRecord {
  /** Number of entries. */
  readonly size: number;
  /** The revision of the name, as the resolver gave it. */
  readonly revision: Revision;
  /** SHA-256 of what the name holds, in hexadecimal digits. */
  readonly content: string;
  /** The id of the remote that the name holds, in hexadecimal digits; absent if it has none. */
  readonly remoteId?: string;
  /** The version of the manifest; absent if there is none. */
  readonly manifest?: number;
}

/** Why nothing that was stored is believed at present, until all of it was looked for again. */
export interface DoubtRecord {
  /** The id of the remote that the name showed when this began, in hexadecimal digits; `null` if it showed none. */
  readonly shown: string | null;
  /** Whether all of it is sent instead, whatever is there. Default: false. */
  readonly sends?: boolean;
  /**
   * The stored nodes at the right edge, level by level: the number of the first ref, and how many there are. When a node is stored
   * depends on what was published when, so it does not follow from the entries.
   */
  readonly edge?: readonly (readonly [first: number, refs: number] | null)[];
}

/** How the journal remembers what a name holds: SHA-256, in hexadecimal digits. */
export function contentHash(content: Uint8Array): string {
  return bytesToHex(sha256(content));
}

/** A signed head that is to be sent to the name: durable before it leaves the process, and resent byte for byte. */
export interface IntentRecord {
  /** Number of entries. */
  readonly size: number;
  /** What the name will hold. */
  readonly content: Uint8Array;
  /** The head, if the name will hold its address alone: it is stored before it is sent. */
  readonly head?: Uint8Array;
  /** The version of the manifest in it; absent if there is none. */
  readonly manifest?: number;
}

/** A head that a remote may store as an object. */
export interface HeadObject {
  readonly address: Address;
  /** Number of entries in it: none of them can have its bytes as its content. */
  readonly size: number;
}

/** How far the index of a remote is stored. */
export interface TreeRecord {
  /** Number of full leaf pages. */
  readonly pages: number;
  /** For each level the stored node that holds the first refs of its rightmost node, or `null`. */
  readonly nodes: readonly ({ readonly address: string; readonly refs: number } | null)[];
  /** Which pages are in bundles; absent in a record of an earlier version, which made none. */
  readonly bundled?: BundledPages;
}

/** Which pages a remote has in bundles, as far as they fit into them. */
export interface BundledPages {
  /** Number of the first. */
  readonly from: number;
  /** Number of the page after the last. */
  readonly to: number;
}

/** In which form a remote gets pages: other settings give other bytes. */
export interface FormRecord {
  /** Whether pages are stored together. */
  readonly bundles: boolean;
  /** Largest content that is embedded, in bytes. */
  readonly largestEmbedded: number;
  /** The least that this was so far. */
  readonly leastEmbedded: number;
}

/** Which removals the pages of a remote show. */
export interface RewriteRecord {
  /** The entries without whose contents the stored pages are. */
  readonly removed: SequenceRanges;
  /** Whether the name still shows a head that leads to the pages as they were before. */
  readonly unshown: boolean;
}

/** What the journal remembers of one remote. */
export class RemoteRecords {
  /** What the remote stores and no head leads to any more. */
  readonly oldObjects: OldObjectRecords;
  /** Which pages the remote stores together. */
  readonly bundles: BundleRecords;
  readonly #journal: Journal;
  readonly #label: string;

  constructor(journal: Journal, label: string) {
    this.#journal = journal;
    this.#label = label;
    this.oldObjects = new OldObjectRecords(journal, label);
    this.bundles = new BundleRecords(journal, label);
  }

  /** The labels of all remotes for which the journal remembers pages, including those that are not in use now. */
  static async labels(journal: Journal): Promise<string[]> {
    const labels: string[] = [];
    for await (const [key] of journal.range(remoteKeys)) {
      const [label, part] = decodeUtf8Loosely(key.subarray(1)).split("\0");
      if (part === "tree") labels.push(label!);
    }
    return labels;
  }

  loadPublished(): Promise<PublishedRecord | undefined> {
    return this.#load("state", isPublished);
  }

  async loadIntent(): Promise<IntentRecord | undefined> {
    const stored = await this.#load("intent", isIntent);
    const content = await this.#journal.get(remoteKey(this.#label, "content"));
    if (stored === undefined || content === undefined) return undefined;
    const { apart = false, ...intent } = stored;
    if (!apart) return { ...intent, content };
    const head = await this.#journal.get(remoteKey(this.#label, "head"));
    return head && { ...intent, content, head };
  }

  /** Makes an intent durable, together with the checkpoint that it carries, and with further steps. */
  saveIntent(
    { content, head, ...intent }: IntentRecord,
    note: string,
    further: readonly BatchOperation[] = [],
  ): Promise<void> {
    const operations: BatchOperation[] = [
      ...further,
      this.#journal.signedOperation(note),
      this.#put("intent", { ...intent, ...(head && { apart: true }) }),
      { type: "put", key: remoteKey(this.#label, "content"), value: content },
    ];
    // One that an intent before has left behind goes with what is published.
    if (head !== undefined)
      operations.push({ type: "put", key: remoteKey(this.#label, "head"), value: head });
    return this.#journal.write(operations, true);
  }

  /** The steps of a batch that turn an intent into what is published. */
  publishedOperations(published: PublishedRecord): BatchOperation[] {
    return [
      this.#put("state", published),
      { type: "del", key: remoteKey(this.#label, "intent") },
      { type: "del", key: remoteKey(this.#label, "content") },
      { type: "del", key: remoteKey(this.#label, "head") },
    ];
  }

  /** The heads that may be stored as objects: that of what the name shows, and of what was signed since. */
  async loadHeadObjects(): Promise<HeadObject[]> {
    const heads = (await this.#load("heads", isHeads)) ?? [];
    return heads.map(([address, size]) => ({ address: Address.fromString(address), size }));
  }

  /** The step of a batch that notes them. */
  headObjectsOperation(heads: readonly HeadObject[]): BatchOperation {
    return this.#put(
      "heads",
      heads.map(({ address, size }) => [`${address}`, size]),
    );
  }

  /** Whether what is stored is being looked for again; `undefined` if it is believed. */
  loadDoubt(): Promise<DoubtRecord | undefined> {
    return this.#load("doubt", isDoubt);
  }

  /** The steps of a batch that end the belief in everything that was stored; `tree` is what is left of it. */
  doubtOperations(doubt: DoubtRecord, tree: TreeRecord = { pages: 0, nodes: [] }): BatchOperation[] {
    return [
      this.treeOperation(tree),
      this.#put("doubt", doubt),
      { type: "del", key: remoteKey(this.#label, "manifest") },
    ];
  }

  /** The version of the manifest whose objects are stored; 0 if that is not known of any. */
  async loadManifest(): Promise<number> {
    return (await this.#load("manifest", isVersion))?.version ?? 0;
  }

  /** The objects that this version names, and that are stored with it: SHA-256 as hexadecimal digits. */
  async loadNamedObjects(): Promise<ReadonlySet<string>> {
    return new Set((await this.#load("manifest", isVersion))?.objects ?? []);
  }

  /**
   * The step of a batch that notes that all objects of a version of the manifest are stored.
   *
   * @param objects - those that it names, by their SHA-256 as hexadecimal digits
   */
  manifestOperation(version: number, objects: readonly string[] = []): BatchOperation {
    return this.#put("manifest", { version, ...(objects.length > 0 && { objects }) });
  }

  /** The step of a batch after which what is stored is believed again. */
  beliefOperation(): BatchOperation {
    return { type: "del", key: remoteKey(this.#label, "doubt") };
  }

  async loadTree(): Promise<TreeRecord> {
    return (await this.#load("tree", isTree)) ?? { pages: 0, nodes: [] };
  }

  /** In which form pages were stored last; `undefined` if no version has noted it. */
  loadForm(): Promise<FormRecord | undefined> {
    return this.#load("form", isForm);
  }

  formOperation(form: FormRecord): BatchOperation {
    return this.#put("form", form);
  }

  treeOperation(tree: TreeRecord): BatchOperation {
    return this.#put("tree", tree);
  }

  refOperation(level: number, index: number, { address, hash }: Ref): BatchOperation {
    return { type: "put", key: refKey(this.#label, level, index), value: concatBytes([hash, address.bytes]) };
  }

  /** Which removals the stored pages show. */
  async loadRewrite(): Promise<RewriteRecord> {
    const record = await this.#load("removed", isRewrite);
    if (record === undefined) return { removed: [], unshown: false };
    const removed = record.removed.map(([first, count]) => ({ first, count }));
    return { removed, unshown: record.unshown };
  }

  rewriteOperation({ removed, unshown }: RewriteRecord): BatchOperation {
    return this.#put("removed", { removed: removed.map(({ first, count }) => [first, count]), unshown });
  }

  /** A ref of a level, if it was ever stored. */
  async loadRef(level: number, index: number): Promise<Ref | undefined> {
    const value = await this.#journal.get(refKey(this.#label, level, index));
    return value && readRef(value);
  }

  /**
   * The addresses of pages, bundles and nodes.
   *
   * @param since - those that end before this many entries may be left out. Default: all are told
   */
  async *loadAddresses({ leafSize, fanOut }: Cuts, since = 0): AsyncGenerator<Address, void, undefined> {
    for (let level = 0; level <= DEFAULT_WIRE_LIMITS.maxLevels; level++) {
      const entries = leafSize * fanOut ** level;
      const first = Math.max(0, Math.ceil(since / entries) - 1);
      const range = { gte: refKey(this.#label, level, first), lt: refKey(this.#label, level + 1, 0) };
      for await (const [, value] of this.#journal.range(range)) yield readRef(value).address;
    }
    const page = Math.max(0, Math.floor(since / leafSize) - fanOut);
    for (const { address } of await this.bundles.load(page, Number.MAX_SAFE_INTEGER)) yield address;
  }

  /** The refs of a level in [`first`, `end`). */
  async loadRefs(level: number, first: number, end: number): Promise<Ref[]> {
    const refs: Ref[] = [];
    const range = { gte: refKey(this.#label, level, first), lt: refKey(this.#label, level, end) };
    for await (const [, value] of this.#journal.range(range)) {
      refs.push(readRef(value));
    }
    if (refs.length !== end - first) throw corrupt(`a ref of ${this.#label} is missing`);
    return refs;
  }

  // The checksum shows damage, not what is in a record: one that says something else is refused, too.
  async #load<T>(part: Part, is: (value: unknown) => value is T): Promise<T | undefined> {
    const bytes = await this.#journal.get(remoteKey(this.#label, part));
    if (bytes === undefined) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(decodeUtf8Loosely(bytes));
    } catch (cause) {
      throw corrupt(`the record of ${this.#label} is damaged`, cause);
    }
    if (!is(value)) throw corrupt(`the record of ${this.#label} does not say what it should`);
    return value;
  }

  #put(part: Part, value: object): BatchOperation {
    const bytes = encodeUtf8(JSON.stringify(value));
    return { type: "put", key: remoteKey(this.#label, part), value: bytes };
  }
}

type Part = "state" | "intent" | "heads" | "tree" | "doubt" | "manifest" | "removed" | "form";

function readRef(value: Uint8Array): Ref {
  return { hash: value.slice(0, HASH_BYTES), address: Address.fromBytes(value.subarray(HASH_BYTES)) };
}

function isIntent(
  value: unknown,
): value is Omit<IntentRecord, "content" | "head"> & { readonly apart?: boolean } {
  if (!isObject(value) || typeof (value["apart"] ?? false) !== "boolean") return false;
  return isCount(value["size"]) && isCount(value["manifest"] ?? 0);
}

function isVersion(
  value: unknown,
): value is { readonly version: number; readonly objects?: readonly string[] } {
  return isObject(value) && isCount(value["version"]) && Array.isArray(value["objects"] ?? []);
}

function isPublished(value: unknown): value is PublishedRecord {
  if (!isIntent(value)) return false;
  const { revision, content, remoteId = "" } = value as Partial<PublishedRecord>;
  return typeof revision === "string" && typeof content === "string" && typeof remoteId === "string";
}

function isDoubt(value: unknown): value is DoubtRecord {
  if (!isObject(value)) return false;
  const { shown, sends = false, edge = [] } = value;
  const isNode = (node: unknown): boolean => node === null || (Array.isArray(node) && node.every(isCount));
  if (!Array.isArray(edge) || !edge.every(isNode)) return false;
  return (shown === null || typeof shown === "string") && typeof sends === "boolean";
}

function isForm(value: unknown): value is FormRecord {
  if (!isObject(value) || typeof value["bundles"] !== "boolean") return false;
  return isCount(value["largestEmbedded"]) && isCount(value["leastEmbedded"]);
}

function isBundled(value: unknown): value is BundledPages {
  return isObject(value) && isCount(value["from"]) && isCount(value["to"]);
}

function isTree(value: unknown): value is TreeRecord {
  if (!isObject(value) || !isCount(value["pages"]) || !Array.isArray(value["nodes"])) return false;
  if (value["bundled"] !== undefined && !isBundled(value["bundled"])) return false;
  return value["nodes"].every((node: unknown) => {
    return node === null || (isObject(node) && typeof node["address"] === "string" && isCount(node["refs"]));
  });
}
