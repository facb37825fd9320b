// A storage of raw blocks whose pins can be taken away: what a node and a store of one's own have in common.

import type { Address, OperationOptions, StorageBackend } from "@remote-log/core";
import { type Call, defineStorage, type StorageDriver } from "@remote-log/core/adapter";

/** Contents as raw blocks, pinned. */
export interface IpfsStorage extends StorageBackend {
  /**
   * Removes the pin of a content: a collection of garbage may then remove the block. A content that is not pinned stays as it
   * is; other nodes may still have it. A storage that pins nothing (`pin: false`) removes no pin: it would be somebody
   * else's.
   *
   * @throws UnreachableError `ERR_UNREACHABLE`, TimeoutError `ERR_TIMEOUT`, DeniedError `ERR_DENIED`, ClosedError `ERR_CLOSED`
   * @throws UnsupportedError `ERR_UNSUPPORTED` if a client does not say where its node is
   */
  release(address: Address, options?: OperationOptions): Promise<void>;
  close(): Promise<void>;
}

/** A driver of such a storage. */
export interface PinningDriver extends StorageDriver {
  /** Removes the pin of a content; if there is none, that is no error. */
  release(address: Address, call: Call): Promise<void>;
}

/** Makes a storage out of a driver. */
export function defineIpfsStorage(driver: PinningDriver): IpfsStorage {
  return defineStorage(driver);
}
