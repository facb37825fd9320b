// What an adapter declares, as plain data for the report.

import type { NameResolver, PutManyLimits, StorageBackend } from "@remote-log/core";
import type { Opened } from "./fixture.ts";

/** What a storage declares of itself, as plain data. */
export interface DeclaredStorage {
  readonly name: string;
  /** In bytes. */
  readonly largestContent: number;
  /** The kinds of address, with their multicodec and multihash codes and the length of their digest in bytes. */
  readonly hashTypes: readonly {
    readonly name: string;
    readonly codec: number;
    readonly hash: number;
    readonly digestBytes: number;
  }[];
  readonly readYourWrites: boolean;
  readonly delete: boolean;
  readonly list: boolean;
  /** False if nothing is declared. */
  readonly release: boolean;
  /** False if nothing is declared; absent in reports of older versions. */
  readonly ranges?: boolean;
  /** How much one call of `putMany` takes; absent if it is not declared, and in reports of older versions. */
  readonly putMany?: PutManyLimits;
  /** `"known"` if nothing is declared. */
  readonly absence: "known" | "local";
  /** Whether `close` is there. */
  readonly close: boolean;
}

/** What a name resolver declares of itself, as plain data. */
export interface DeclaredNames {
  readonly name: string;
  /** As the service says it, if only that can tell. */
  readonly compareAndSet: "atomic" | "none" | "probed";
  /** In bytes. */
  readonly largestContent: number;
  readonly readYourWrites: boolean;
  readonly watch: boolean;
  /** Whether `close` is there. */
  readonly close: boolean;
}

/** What an adapter declares of itself: its storage, its names, or both. */
export interface Declared {
  readonly storage?: DeclaredStorage;
  readonly names?: DeclaredNames;
}

/** Copies what an adapter declares. One that declares nothing that can be read has nothing in the report. */
export function declaredBy({ storage, names }: Opened): Declared {
  return {
    ...(storage?.capabilities === undefined ? {} : { storage: ofStorage(storage) }),
    ...(names?.capabilities === undefined ? {} : { names: ofNames(names) }),
  };
}

function ofStorage(storage: StorageBackend): DeclaredStorage {
  const { capabilities } = storage;
  const { largestContent, hashTypes, readYourWrites, delete: deletes, list } = capabilities;
  const { release = false, ranges = false, absence = "known", putMany } = capabilities;
  return {
    name: storage.name,
    largestContent,
    hashTypes: (hashTypes ?? []).map((type) => ({
      name: type.name,
      codec: type.codec,
      hash: type.hash,
      digestBytes: type.digestBytes,
    })),
    readYourWrites,
    delete: deletes,
    list,
    release,
    ranges,
    ...(putMany && { putMany: { contents: putMany.contents, bytes: putMany.bytes } }),
    absence,
    close: storage.close !== undefined,
  };
}

function ofNames(names: NameResolver): DeclaredNames {
  const { compareAndSet, largestContent, readYourWrites, watch } = names.capabilities;
  return {
    name: names.name,
    compareAndSet,
    largestContent,
    readYourWrites,
    watch,
    close: names.close !== undefined,
  };
}
