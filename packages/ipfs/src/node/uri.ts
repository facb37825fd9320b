// URIs of remotes on a node: `ipfs+http://…`, `ipfs+https://…`.

import { InvalidInputError } from "@remote-log/core";
import { IpnsName } from "../record/ipns-name.ts";

/** What an `ipfs+http:` URI says. */
export interface IpfsPlace {
  /** The URL of the node's RPC. */
  readonly node: string;
  /** The IPNS name, `k51…`. */
  readonly name?: string;
  /** Routers besides the node. */
  readonly delegated?: readonly string[];
}

/** The most routers. Each is asked at every resolve, and more would be no help. */
const MOST_ROUTERS = 16;

/**
 * Reads the URI of a remote on a node: `ipfs+http://127.0.0.1:5001`, `ipfs+https://…`, with the parameters `name`, at most
 * once, and `delegated`. It refuses everything else. The URLs are checked when they are used. The errors don't repeat the
 * URI, since it may hold a secret.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function parseIpfsUri(uri: string): IpfsPlace {
  // URL parsers would drop these silently, or read them as a slash.
  if (typeof uri !== "string" || /[\p{C}\s\\]/u.test(uri)) {
    throw invalid("it holds white space, a control character or a backslash");
  }
  const parts = /^ipfs\+(https?:\/\/[^?#]*)(?:\?([^#]*))?(#.*)?$/.exec(uri);
  if (parts === null) throw invalid("it does not begin with ipfs+http:// or ipfs+https://");
  const [, node = "", query, fragment] = parts;
  if (fragment !== undefined) throw invalid("it has a fragment");
  return { node, ...parseQuery(query) };
}

function parseQuery(query: string | undefined): Omit<IpfsPlace, "node"> {
  const names: string[] = [];
  const delegated: string[] = [];
  for (const pair of query === undefined ? [] : query.split("&")) {
    const [, parameter, value = ""] = /^([^=]*)=?(.*)$/.exec(pair) ?? [];
    if (parameter === "name") names.push(IpnsName.fromText(decode(value)).text);
    else if (parameter === "delegated") delegated.push(decode(value));
    else throw invalid("it has a parameter other than name and delegated");
  }
  if (names.length > 1) throw invalid("it has the parameter name twice");
  if (new Set(delegated).size < delegated.length) throw invalid("it names a router twice");
  if (delegated.length > MOST_ROUTERS) throw invalid(`it names more than ${MOST_ROUTERS} routers`);
  const [name] = names;
  return { ...(name !== undefined && { name }), ...(delegated.length > 0 && { delegated }) };
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
    `The URI of a remote on IPFS can't be used: ${why}. The form is ` +
      "ipfs+http://127.0.0.1:5001?name=k51…&delegated=https://….",
    { operation: "ipfs.open" },
  );
}
