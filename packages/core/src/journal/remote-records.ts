// What the journal remembers of each remote.

import { bytesToHex } from "@noble/hashes/utils.js";
import { Address } from "../address/address.ts";
import { concatBytes } from "../bytes.ts";
import { HASH_BYTES, sha256 } from "../crypto/sha256.ts";
import type { Ref } from "../log/page.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { BatchOperation } from "./database.ts";
import { corrupt, type Journal } from "./journal.ts";
import { refKey, remoteKey, remoteKeys } from "./keys.ts";

/** What was last published on a remote, as far as the journal knows. */
export interface PublishedRecord {
  /** Number of entries. */
  readonly size: number;
  /** The revision of the name, as the resolver gave it. */
  readonly revision: Revision;
  /** SHA-256 of what the name holds, in hexadecimal digits. */
  readonly content: string;
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
}

/** How far the index of a remote is stored. */
export interface TreeRecord {
  /** Number of full leaf pages. */
  readonly pages: number;
  /** For each level the stored node that holds the first refs of its rightmost node, or `null`. */
  readonly nodes: readonly ({ readonly address: string; readonly refs: number } | null)[];
}

/** What the journal remembers of one remote. */
export class RemoteRecords {
  readonly #journal: Journal;
  readonly #label: string;

  constructor(journal: Journal, label: string) {
    this.#journal = journal;
    this.#label = label;
  }

  /** The labels of all remotes for which the journal remembers pages, including those that are not in use now. */
  static async labels(journal: Journal): Promise<string[]> {
    const labels: string[] = [];
    for await (const [key] of journal.range(remoteKeys)) {
      const [label, part] = new TextDecoder().decode(key.subarray(1)).split("\0");
      if (part === "tree") labels.push(label!);
    }
    return labels;
  }

  loadPublished(): Promise<PublishedRecord | undefined> {
    return this.#load<PublishedRecord>("state");
  }

  async loadIntent(): Promise<IntentRecord | undefined> {
    const intent = await this.#load<{ size: number }>("intent");
    const content = await this.#journal.get(remoteKey(this.#label, "content"));
    return intent && content && { size: intent.size, content };
  }

  /** Makes an intent durable, together with the checkpoint that it carries, and with further steps. */
  saveIntent(
    { size, content }: IntentRecord,
    note: string,
    further: readonly BatchOperation[] = [],
  ): Promise<void> {
    const operations: BatchOperation[] = [
      ...further,
      this.#journal.signedOperation(note),
      this.#put("intent", { size }),
      { type: "put", key: remoteKey(this.#label, "content"), value: content },
    ];
    return this.#journal.write(operations, true);
  }

  /** The steps of a batch that turn an intent into what is published. */
  publishedOperations(published: PublishedRecord): BatchOperation[] {
    return [
      this.#put("state", published),
      { type: "del", key: remoteKey(this.#label, "intent") },
      { type: "del", key: remoteKey(this.#label, "content") },
    ];
  }

  async loadTree(): Promise<TreeRecord> {
    return (await this.#load<TreeRecord>("tree")) ?? { pages: 0, nodes: [] };
  }

  treeOperation(tree: TreeRecord): BatchOperation {
    return this.#put("tree", tree);
  }

  refOperation(level: number, index: number, { address, hash }: Ref): BatchOperation {
    return { type: "put", key: refKey(this.#label, level, index), value: concatBytes([hash, address.bytes]) };
  }

  /** The refs of a level in [`first`, `end`). */
  async loadRefs(level: number, first: number, end: number): Promise<Ref[]> {
    const refs: Ref[] = [];
    const range = { gte: refKey(this.#label, level, first), lt: refKey(this.#label, level, end) };
    for await (const [, value] of this.#journal.range(range)) {
      refs.push({ hash: value.slice(0, HASH_BYTES), address: Address.fromBytes(value.subarray(HASH_BYTES)) });
    }
    if (refs.length !== end - first) throw corrupt(`a ref of ${this.#label} is missing`);
    return refs;
  }

  async #load<T>(part: "state" | "intent" | "tree"): Promise<T | undefined> {
    const value = await this.#journal.get(remoteKey(this.#label, part));
    if (value === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(value)) as T;
    } catch (cause) {
      throw corrupt(`the record of ${this.#label} is damaged`, cause);
    }
  }

  #put(part: "state" | "intent" | "tree", value: object): BatchOperation {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    return { type: "put", key: remoteKey(this.#label, part), value: bytes };
  }
}
