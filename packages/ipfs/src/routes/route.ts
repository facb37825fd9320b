// The contract of a route: a way to publish and to read IPNS records. A route carries bytes and is never believed.

import type { OperationOptions } from "@remote-log/core";
import type { IpnsName } from "../record/ipns-name.ts";

/** Options of {@link IpnsRoute.get}. */
export interface RouteGetOptions extends OperationOptions {
  /** The most bytes that the caller takes. Default, and most: `LARGEST_RECORD`. A route may take more. */
  readonly maxBytes?: number | undefined;
}

/**
 * A way to publish and to read the raw record of an IPNS name: a node, a delegated router, a gateway, a datastore.
 * Several are used at once. A route carries bytes and is never believed: each record is checked against the name that
 * was asked for, whoever gave it.
 *
 * After an abort, both methods reject with the signal's reason. If no usable answer came, they reject with
 * `UnreachableError`, `TimeoutError` or `DeniedError`.
 */
export interface IpnsRoute {
  /** What it is and where, for errors: `"the node at http://127.0.0.1:5001"`. */
  readonly name: string;

  /**
   * Reads the record that this route has for a name.
   *
   * @returns its bytes, at most `LARGEST_RECORD`; `undefined` if the route answered that it has none
   * @throws TooLargeError `ERR_TOO_LARGE` if it sends more than that, or than `maxBytes`
   */
  get(name: IpnsName, options: RouteGetOptions): Promise<Uint8Array | undefined>;

  /**
   * Publishes a record, which is signed already. The same bytes may be put again at any time, by anyone. Absent if the
   * route can only be read.
   *
   * @throws NameConflictError `ERR_NAME_CONFLICT` if the route has a record that it takes for newer, or another one of the
   * same sequence number
   */
  put?(name: IpnsName, record: Uint8Array, options: OperationOptions): Promise<void>;

  /** Releases what it holds. */
  close?(): Promise<void>;
}

/** A route that can publish. */
export type PublishingRoute = IpnsRoute & Required<Pick<IpnsRoute, "put">>;
