// Names as IPNS records, as callers see them.

import type { NameResolver, OperationOptions } from "@remote-log/core";
import { namesShell } from "@remote-log/core/adapter";
import type { IpnsName } from "../record/ipns-name.ts";
import type { IpnsRecord } from "../record/ipns-record.ts";
import { IpnsDriver } from "./driver.ts";
import type { IpnsNamesOptions } from "./options.ts";
import type { PutOutcome } from "./put-on-routes.ts";

/** Names as IPNS records. */
export interface IpnsNames extends NameResolver {
  /**
   * The IPNS name that a text stands for: `k51…` for itself, any other text for a name whose key is derived from it and
   * the name key.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a text that stands for none
   */
  nameOf(text: string): Promise<IpnsName>;

  /**
   * Reads the record of a name from all routes, and waits for every one of them.
   *
   * @returns the highest one, which may have expired (see `expiredFor`); `undefined` if every route answered that it has none
   * @throws StaleError `ERR_STALE`, with the reason `"older"`, if it is older than one that was seen before
   */
  record(name: string, options?: OperationOptions): Promise<IpnsRecord | undefined>;

  /**
   * Puts a record on all routes as it is, and waits for every one of them. It needs no key: anybody who has a record can put
   * it again, so that the network does not drop it.
   *
   * @returns what became of it on each route; at least one took it
   * @throws IntegrityError `ERR_INTEGRITY`, MalformedError `ERR_MALFORMED` for what is no record of the name
   * @throws StaleError `ERR_STALE`, with the reason `"expired"`, for one that has expired
   * @throws NameConflictError `ERR_NAME_CONFLICT` if a route has a higher one
   */
  putRecord(name: string, record: Uint8Array, options?: OperationOptions): Promise<readonly PutOutcome[]>;

  close(): Promise<void>;
}

/**
 * Names as IPNS records, which are made and signed here, and published and read as they are over several routes at once.
 *
 * - A record points at its head, a raw block (`/ipfs/bafk…`), and carries it if the record has at most 10 KiB then.
 * - A revision is `<sequence number>-<address of the head>`. The number comes from `expected`, and never from the network.
 * - **Compare-and-set is not enforced.** An update that expects an outdated revision is refused if a route notices.
 * - Every record is verified against the name. The highest one that any route shows wins. One that is lower than `known`, or
 *   than what this object has seen before, is `ERR_STALE` with the reason `"older"`; one that has expired is `ERR_STALE` with
 *   the reason `"expired"`, and its age in the message.
 * - Heads before the last two are released in the background (`storage.release`), so that each name holds two pins. A process
 *   that starts anew, or that can't reach the node at that time, leaves a pin behind. Don't pin a head for another
 *   purpose on the same node.
 * - An update continues in the background on slow routes, until the next update, or `close`.
 *
 * Nothing is sent before the first operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { ipfsStorage, ipnsNames, kuboRoute } from "@remote-log/ipfs";
 *
 * const node = "http://127.0.0.1:5001";
 * const nameKey = crypto.getRandomValues(new Uint8Array(32)); // `deriveKeys(seed).ipns` of the log's seed.
 * const names = ipnsNames({ storage: ipfsStorage({ node }), routes: [kuboRoute({ node })], nameKey });
 * const revision = await names.update("notes", new TextEncoder().encode("a head"), { expected: null });
 * const { text } = await names.nameOf("notes"); // `k51…`: what readers need.
 * ```
 */
export function ipnsNames(options: IpnsNamesOptions): IpnsNames {
  const driver = new IpnsDriver(options);
  const { names, onName } = namesShell(driver, driver.lifetime);
  const lookingUp = { operation: "ipns.name", verb: "looking up" };
  const reading = { operation: "ipns.get", verb: "reading the record of" };
  const publishing = { operation: "ipns.put", verb: "publishing the record of" };
  return {
    ...names,
    nameOf: (text) =>
      onName(lookingUp, text, {}, async () => {
        const { name } = await driver.stateOf(text);
        return name;
      }),
    record: (name, given) => onName(reading, name, given, (call) => driver.record(name, call)),
    putRecord: async (name, bytes, given) => {
      // Before anything is awaited: the caller may change its bytes as soon as it has the promise.
      const copy = new Uint8Array(bytes);
      return onName(publishing, name, given, (call) => driver.putRecord(name, copy, call));
    },
  };
}
