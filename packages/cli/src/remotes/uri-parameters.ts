// The parameters in the query of a remote's URI, and the gateways that the environment names.

import { usageError } from "../errors/command-error.ts";

/** A URI with one more parameter in its query. Characters that a query may hold as they are stay readable. */
export function withParameter(uri: string, name: string, value: string): string {
  const encoded = encodeURIComponent(value).replaceAll("%3A", ":").replaceAll("%2F", "/");
  return `${uri}${uri.includes("?") ? "&" : "?"}${name}=${encoded}`;
}

/**
 * All values of a parameter, decoded. Read as the adapters read them: what follows the first `?`, up to a `#`.
 *
 * @returns values that can't be decoded as they are written
 */
export function parametersOf(uri: string, name: string): readonly string[] {
  const [, query = ""] = /^[^?#]*\?([^#]*)/.exec(uri) ?? [];
  return query.split("&").flatMap((pair) => {
    const [, parameter = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    return parameter === name ? [decoded(value)] : [];
  });
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The origin of an `http:` or `https:` URL; the text itself if it is none. */
export function originOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, origin } = new URL(url);
  return protocol === "http:" || protocol === "https:" ? origin : url;
}

/** The value of a parameter as it is written in the URI; `undefined` without the parameter. */
export function parameterOf(uri: string, name: string): string | undefined {
  return new RegExp(`[?&]${name}=([^&#]*)`).exec(uri)?.[1];
}

/**
 * The gateway that a variable of the environment names; `undefined` if it is not set.
 *
 * @throws CommandError `ERR_USAGE` if it holds no URL
 */
export function gatewayVariable(variable: "IPFS_GATEWAY" | "SWARM_GATEWAY"): string | undefined {
  const gateway = process.env[variable];
  if (gateway === undefined || gateway === "") return undefined;
  if (/^https?:\/\/./.test(gateway)) return gateway;
  const example = variable === "IPFS_GATEWAY" ? "http://127.0.0.1:8080" : "http://127.0.0.1:1633";
  throw usageError(
    `The variable ${variable} must hold the URL of a gateway, such as https://gateway.example or ${example}.`,
  );
}
