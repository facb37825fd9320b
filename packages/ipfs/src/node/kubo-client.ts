// The shape of the clients of Kubo's RPC, as far as it is used. Nothing of them is imported.

/** Options that clients pass to `block/put`, whether they know them by name or not. */
export interface KuboPutOptions {
  /** Ends the request. */
  readonly signal?: AbortSignal;
  /** Whether the block is pinned. */
  readonly pin?: boolean;
  /** The hash function of its CID. */
  readonly mhtype?: string;
  /** The codec of its CID. */
  readonly "cid-codec"?: string;
}

/** Options that clients pass to `block/get` and `block/stat`. */
export interface KuboGetOptions {
  /** Ends the request. */
  readonly signal?: AbortSignal;
  /** How long the node looks for it, in milliseconds. */
  readonly timeout?: number;
  /** Whether only the node's own store is asked. */
  readonly offline?: boolean;
}

/** Where a client sends its requests. */
export interface KuboEndpoint {
  /** `127.0.0.1` */
  readonly host: string;
  /** `5001`; empty for the port of the protocol. */
  readonly port: string;
  /** `http:` */
  readonly protocol: string;
  /** `/api/v0` */
  readonly "api-path": string;
}

/**
 * What is used of a client of Kubo's RPC. The clients of `kubo-rpc-client` 7 and of `ipfs-http-client` 60 are both of
 * this shape.
 */
export interface KuboClient {
  readonly block: {
    put(block: Uint8Array, options?: KuboPutOptions): Promise<{ toString(): string }>;
    /** @param cid - as text: each client has a class of its own for CIDs, and also takes text */
    get(cid: never, options?: KuboGetOptions): Promise<Uint8Array>;
    /** @param cid - as text */
    stat(cid: never, options?: KuboGetOptions): Promise<unknown>;
  };
  /** Where its requests go. Commands for which it has no method are sent there without it. */
  getEndpointConfig?(): KuboEndpoint;
}
