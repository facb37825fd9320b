import type { OperationOptions } from "@remote-log/core";
import type { IpnsName } from "../record/ipns-name.ts";

/** Options of {@link IpnsRoute.get}. */
export interface RouteGetOptions extends OperationOptions {
  /** The most bytes that the caller takes. Default, and most: {@link LARGEST_RECORD}. A route may take more. */
  readonly maxBytes?: number;
}

/**
 * A way to publish and to read the raw record of an IPNS name: a node, a delegated router, a gateway, a datastore.
 * Several are used at once. A route carries bytes and is never believed: each record is checked against the name that
 * was asked for, whoever gave it.
 *
 * Both methods reject with the signal's reason on an abort, with `UnreachableError`, `TimeoutError`, `DeniedError`
 * where no usable answer came.
 */
export interface IpnsRoute {
  /** What it is and where, for errors: `"the node at http://127.0.0.1:5001"`. */
  readonly name: string;

  /**
   * Reads the record that this route has for a name.
   *
   * @returns its bytes, at most {@link LARGEST_RECORD}; `undefined` where the route answered that it has none
   * @throws TooLargeError `ERR_TOO_LARGE` where it sends more than that, or than `maxBytes`
   */
  get(name: IpnsName, options: RouteGetOptions): Promise<Uint8Array | undefined>;

  /**
   * Publishes a record, which is signed already. The same bytes may be put again at any time, by anyone. Absent where
   * the route can only be read.
   *
   * @throws NameConflictError `ERR_NAME_CONFLICT` where the route has a record that it holds to be newer, or another one
   * of the same sequence number
   */
  put?(name: IpnsName, record: Uint8Array, options: OperationOptions): Promise<void>;

  /** Lets go of what it holds. */
  close?(): Promise<void>;
}

/** The largest record that IPNS allows, in bytes. No larger one is read. */
export const LARGEST_RECORD: number = 10 * 1024;
