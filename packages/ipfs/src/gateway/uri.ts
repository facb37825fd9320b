// URIs of logs at gateways: `ipns://…`, and the URL of a name at a gateway.

import { InvalidInputError } from "@remote-log/core";
import { IpnsName } from "../record/ipns-name.ts";
import { checkGatewayUrl } from "./options.ts";

/** What the URI of a log at gateways says. */
export interface GatewayPlace {
  /** The gateways, at least one. */
  readonly urls: readonly string[];
  /** The IPNS name, `k51…`. */
  readonly name: string;
}

/** The gateway of a Kubo on this machine. By address, because it redirects requests for `localhost`. */
const LOCAL_GATEWAY = "http://127.0.0.1:8080";

/** The most gateways. Each is asked at every resolve, and more would be no help. */
const MOST_GATEWAYS = 16;

/**
 * Reads the URI of a log at gateways: `ipns://k51…`, with any number of `gateway=https://…`, or
 * `https://gateway.example/ipns/k51…` (`http:` as well). It refuses everything else. The errors don't repeat the URI,
 * since it may hold a secret.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function parseGatewayUri(uri: string): GatewayPlace {
  // URL parsers would drop these silently, or read them as a slash.
  if (typeof uri !== "string" || /[\p{C}\s\\]/u.test(uri)) {
    throw invalid("it holds white space, a control character or a backslash");
  }
  if (/^https?:/i.test(uri)) return parseUrl(uri);
  const parts = /^ipns:\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?(#.*)?$/.exec(uri);
  if (parts === null) throw invalid("it does not begin with ipns://, https:// or http://");
  const [, name = "", path = "", query, fragment] = parts;
  if (name.includes("@")) throw invalid("it holds credentials, which end up in logs and histories");
  if (fragment !== undefined) throw invalid("it has a fragment");
  if (path !== "" && path !== "/") throw invalid("it has a path after the name");
  return { urls: query === undefined ? [LOCAL_GATEWAY] : parseGateways(query), name: checkName(name) };
}

function parseUrl(text: string): GatewayPlace {
  const parts = /^(.*)\/ipns\/([^/?#]*)\/?$/.exec(text);
  const [, gateway = "", name = ""] = parts ?? [];
  // The URL is checked first: what makes it invalid may be a secret.
  const url = checkGatewayUrl(parts === null ? text : gateway);
  if (/^[^.]+\.ipns\./.test(new URL(url).host)) {
    throw invalid("its host begins with the name: write the name after the host, as /ipns/k51…");
  }
  if (parts === null) throw invalid("its path does not end with /ipns/ and a name");
  return { urls: [url], name: checkName(name) };
}

function parseGateways(query: string): readonly string[] {
  const urls = query.split("&").map((pair) => {
    const [, parameter, value = ""] = /^([^=]*)=?(.*)$/.exec(pair) ?? [];
    if (parameter !== "gateway") throw invalid("it has a parameter other than gateway");
    return checkGatewayUrl(decode(value));
  });
  if (urls.length > MOST_GATEWAYS) throw invalid(`it names more than ${MOST_GATEWAYS} gateways`);
  return urls;
}

function checkName(text: string): string {
  if (/[.]/.test(text)) {
    throw invalid("it names a host (DNSLink), which proves nothing: use the name of a key, k51…");
  }
  return IpnsName.fromText(text).text;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("it can't be decoded: a % is not followed by two hexadecimal digits of valid UTF-8");
  }
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(
    `The URI of a log at gateways can't be used: ${why}. The forms are ipns://k51…?gateway=https://gateway.example and ` +
      "https://gateway.example/ipns/k51….",
    { operation: "gateway.open" },
  );
}
