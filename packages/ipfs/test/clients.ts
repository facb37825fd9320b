import type { KuboNode } from "@remote-log/ipfs";
import { create as createOfIpfs } from "ipfs-http-client";
import { create as createOfKubo } from "kubo-rpc-client";

/** The ways in which a node is given to the adapter. */
export type ClientName = "kubo-rpc-client" | "ipfs-http-client" | "url";

/** All of them. */
export const clientNames: readonly ClientName[] = ["kubo-rpc-client", "ipfs-http-client", "url"];

/** A node as one of them. Both clients are of the type that the adapter asks for, as they come. */
export function nodeBy(
  client: ClientName,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): KuboNode {
  if (client === "kubo-rpc-client") return createOfKubo({ url, headers });
  if (client === "ipfs-http-client") return createOfIpfs({ url, headers });
  return url;
}
