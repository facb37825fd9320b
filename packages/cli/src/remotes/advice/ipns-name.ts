// Advice on a log under an IPNS name that could not be read.

import type { RemoteLogError } from "@remote-log/core";
import { gatewayVariable } from "../uri-parameters.ts";

/** Advice if nothing was found under the IPNS name of a URI. */
export function adviceOnIpnsName(uri: string, { code, operation }: RemoteLogError): string | undefined {
  const name = /\b(?:ipns:\/\/|name=)([^/?#&]+)/.exec(uri)?.[1];
  if (code !== "ERR_NOT_FOUND" || operation !== "reader.sync" || name === undefined) return undefined;
  return (
    `Nothing was found under the IPNS name ${name}. Check the name. The network forgets a name two days after it was last ` +
    "published: its writer can publish it again, or rlog keep can while a node still has it."
  );
}

/** The same for an `ipns:` URI, and advice if the default gateway did not answer. */
export function adviceOnIpnsGateway(uri: string, error: RemoteLogError): string | undefined {
  const byDefault = !uri.includes("?") && gatewayVariable("IPFS_GATEWAY") === undefined;
  return error.code === "ERR_UNREACHABLE" && byDefault ? CHOOSE_GATEWAY : adviceOnIpnsName(uri, error);
}

const CHOOSE_GATEWAY =
  "No gateway was named, so the gateway of a node on this machine was asked. To use another one, set " +
  "IPFS_GATEWAY=https://HOST, or read by the log's id with --remote 'ipns://k51…?gateway=https://HOST'. To read through a " +
  "node, use --remote 'ipns://k51…?node=http://127.0.0.1:5001'.";
