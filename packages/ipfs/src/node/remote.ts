// A remote on a Kubo node: contents as blocks, the head under an IPNS name.

import type { Remote } from "@remote-log/core";
import type { IpfsStorage } from "../blocks/ipfs-storage.ts";
import { type IpnsNames, ipnsNames } from "../names/names.ts";
import type { IpnsNamesOptions } from "../names/options.ts";
import { checkTypes } from "../option-types.ts";
import { type RemoteNameOptions, remoteName } from "../record/remote-name.ts";
import { delegatedRoute } from "../routes/delegated.ts";
import type { IpfsStorageOptions } from "./options.ts";
import { kuboRoute } from "./route.ts";
import { rpcNode } from "./rpc.ts";
import { ipfsStorage } from "./storage.ts";
import { parseIpfsUri } from "./uri.ts";

/** Options of `ipfsRemote`. One of `nameKey` and `name` has to be given. */
export interface IpfsRemoteOptions
  extends IpfsStorageOptions,
    RemoteNameOptions,
    Omit<IpnsNamesOptions, "storage" | "routes" | "nameKey"> {
  /** What the remote is called in receipts, states and errors. Default: `ipfs+` and the URL of the node's RPC. */
  readonly label?: string | undefined;
  /**
   * Routers besides the node, on which records are published and read at the same time as on the node: the URLs below which
   * `/routing/v1/ipns/` is, such as `https://delegated-ipfs.dev`. Default: none.
   */
  readonly delegated?: readonly string[] | undefined;
}

/** What {@link ipfsRemote} opens. */
export interface IpfsRemote extends Remote {
  readonly storage: IpfsStorage;
  readonly names: IpnsNames;
  /** The IPNS name, `k51…`: what readers and `ipfs cat /ipns/…` need. */
  readonly name: string;
}

/** Options of `ipfsRemoteFromUri`. */
export type IpfsUriOptions = Omit<IpfsRemoteOptions, "node" | "name" | "delegated">;

/**
 * Contents as blocks of a Kubo node, and the head under an IPNS name. Nothing is sent before the first operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { ipfsRemote } from "@remote-log/ipfs";
 *
 * const node = "http://127.0.0.1:5001";
 * const nameKey = crypto.getRandomValues(new Uint8Array(32)); // `deriveKeys(seed).ipns` of the log's seed.
 * const writing = await ipfsRemote({ node, nameKey });
 * const reading = await ipfsRemote({ node, name: writing.name, delegated: ["https://delegated-ipfs.dev"] });
 * ```
 */
export async function ipfsRemote(options: IpfsRemoteOptions): Promise<IpfsRemote> {
  checkTypes(options, ["node", "label", "fetch", "delegated", "name", "nameKey"], {
    name: "ipfsRemote",
    operation: "ipfs.open",
  });
  const { label, fetch, delegated = [] } = options;
  const name = await remoteName(options);
  // A storage for the heads alone: the names still work after the contents were closed. It holds nothing to be closed.
  const heads = ipfsStorage(options);
  const routers = delegated.map((url) => delegatedRoute({ url, ...(fetch !== undefined && { fetch }) }));
  return {
    label: label ?? `ipfs+${rpcNode(options).url ?? "client"}`,
    storage: ipfsStorage(options),
    names: ipnsNames({ ...options, storage: heads, routes: [kuboRoute(options), ...routers] }),
    name: name.text,
  };
}

/**
 * The remote that a URI names: `ipfs+http://127.0.0.1:5001`, or `ipfs+https://…` for a node behind a proxy, with the
 * parameters `name=k51…` and `delegated=https://…` (any number of these). A writer gives `nameKey` as an option, since a URI
 * ends up in logs and histories; a reader needs the name.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text, and for options that can't be used
 *
 * @example
 * ```ts
 * import { ipfsRemoteFromUri } from "@remote-log/ipfs";
 *
 * const nameKey = crypto.getRandomValues(new Uint8Array(32)); // `deriveKeys(seed).ipns` of the log's seed.
 * const remote = await ipfsRemoteFromUri("ipfs+http://127.0.0.1:5001", { nameKey });
 * ```
 */
export async function ipfsRemoteFromUri(uri: string, options: IpfsUriOptions = {}): Promise<IpfsRemote> {
  const place = parseIpfsUri(uri);
  checkTypes(options, [], { name: "ipfsRemoteFromUri", operation: "ipfs.open" });
  return ipfsRemote({ ...options, ...place });
}
