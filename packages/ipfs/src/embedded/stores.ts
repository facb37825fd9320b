// The shapes of stores and routings, as far as they are used. Nothing of Helia or of `interface-store` is imported.

/** Options that stores and routings get. */
export interface StoreOptions {
  /** Ends the work, if the store looks at it. */
  readonly signal?: AbortSignal;
  /** Whether a store that can search the network does not do so. Other stores ignore it. */
  readonly offline?: boolean;
}

/** What a CID has, whichever version of `multiformats` it is from. */
export interface BlockCid {
  readonly version: number;
  readonly code: number;
  readonly bytes: Uint8Array;
  toString(): string;
}

/** The bytes of a block, or pieces of them. */
export type BlockPieces = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What a store of blocks may give for one, now or later. */
export type BlockBytes = BlockPieces | Promise<BlockPieces>;

/**
 * What is used of an `interface-blockstore`, of any version: `MemoryBlockstore`, `FsBlockstore`, `LevelBlockstore`,
 * `IDBBlockstore`, `helia.blockstore`.
 */
export interface BlockstoreLike {
  put(cid: BlockCid, block: Uint8Array, options?: StoreOptions): unknown;
  get(cid: BlockCid, options?: StoreOptions): BlockBytes;
  has(cid: BlockCid, options?: StoreOptions): boolean | Promise<boolean>;
}

/** What is used of `helia.pins`, which keeps blocks from a collection of garbage. */
export interface PinsLike {
  /** @returns nothing, a promise, or something to iterate over to its end */
  add(cid: BlockCid, options?: StoreOptions): unknown;
  /** @returns nothing, a promise, or something to iterate over to its end */
  rm(cid: BlockCid, options?: StoreOptions): unknown;
}

/** What datastores ask of a key. */
export interface DatastoreKeyLike {
  /** The whole key, `/remote-log/ipns/k51…`. */
  toString(): string;
  /** The key without its last part. */
  parent(): DatastoreKeyLike;
}

/**
 * What is used of an `interface-datastore`, of any version: `MemoryDatastore`, `FsDatastore`, `LevelDatastore`,
 * `IDBDatastore`, `helia.datastore`.
 */
export interface DatastoreLike {
  put(key: DatastoreKeyLike, value: Uint8Array, options?: StoreOptions): unknown;
  get(key: DatastoreKeyLike, options?: StoreOptions): Uint8Array | Promise<Uint8Array>;
}

/** An IPNS routing of Helia's shape: one of `ipns(helia).routers`, or `helia.routing`. */
export interface RoutingLike {
  /** @param routingKey - `/ipns/` and the multihash of the key */
  put(routingKey: Uint8Array, record: Uint8Array, options?: StoreOptions): unknown;
  /** @param routingKey - `/ipns/` and the multihash of the key */
  get(routingKey: Uint8Array, options?: StoreOptions): Uint8Array | Promise<Uint8Array>;
}
