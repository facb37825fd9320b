// URIs of remotes on Swarm.

import { InvalidInputError } from "@remote-log/core";

/** What a URI says of a remote on Swarm. */
export interface SwarmPlace {
  /** The URL of the node's API, or of the gateway. */
  readonly bee: string;
  /** The postage batch that pays for what is written. */
  readonly stamp?: string;
  /** The owner of the names, in 40 hexadecimal digits. */
  readonly owner?: string;
  /** The feed itself, `<owner>/<topic>`. */
  readonly name?: string;
  /** How contents are uploaded. */
  readonly upload?: "direct" | "deferred";
  /** Set if a mutable batch is allowed. */
  readonly allowMutable?: true;
}

/** Where a Bee node listens by default. */
const USUAL_NODE = "http://127.0.0.1:1633";

const FORMS =
  "The forms are bee+http://127.0.0.1:1633?stamp=…&owner=…, and swarm://<owner>/<topic>?gateway=https://… to read alone.";

/**
 * Reads the URI of a remote on Swarm: `bee+http://127.0.0.1:1633` or `bee+https://…` with the parameters `stamp`, `owner`,
 * `upload` (`direct` or `deferred`) and `mutable=allow`; or `swarm://<owner>/<topic>`, which can only be read, with the
 * parameter `gateway`. Each parameter may occur once. Strict: it refuses what it does not know; URLs are checked when they
 * are used. The errors don't repeat the URI, since it may hold a secret.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function parseSwarmUri(uri: string): SwarmPlace {
  // URL parsers would drop these silently, or read them as a slash.
  if (typeof uri !== "string" || /[\p{C}\s\\]/u.test(uri)) {
    throw invalid("it holds white space, a control character or a backslash");
  }
  const parts = /^(?:bee\+(https?:\/\/[^?#]*)|swarm:\/\/([^?#]*))(?:\?([^#]*))?(#.*)?$/.exec(uri);
  if (parts === null) throw invalid("it does not begin with bee+http://, bee+https:// or swarm://");
  const [, node, feed = "", query, fragment] = parts;
  if (fragment !== undefined) throw invalid("it has a fragment");
  return node === undefined ? placeOfFeed(feed, query) : placeAtNode(node, query);
}

function placeOfFeed(feed: string, query: string | undefined): SwarmPlace {
  if (!/^[0-9a-f]{40}\/[0-9a-f]{64}$/.test(feed)) {
    throw invalid(
      "swarm:// is not followed by an owner of 40 hexadecimal digits, a slash and a topic of 64, in lower case",
    );
  }
  const { gateway = USUAL_NODE } = parseQuery(query, ["gateway"]);
  return { bee: gateway, name: feed };
}

function placeAtNode(bee: string, query: string | undefined): SwarmPlace {
  const { stamp, owner, upload, mutable } = parseQuery(query, ["stamp", "owner", "upload", "mutable"]);
  if (stamp !== undefined && !/^[0-9a-f]{64}$/i.test(stamp)) {
    throw invalid("its stamp is not the id of a postage batch, 64 hexadecimal digits");
  }
  if (owner !== undefined && !/^(?:0x)?[0-9a-f]{40}$/i.test(owner)) {
    throw invalid("its owner is no Ethereum address, 40 hexadecimal digits");
  }
  if (upload !== undefined && upload !== "direct" && upload !== "deferred") {
    throw invalid("its upload is neither direct nor deferred");
  }
  if (mutable !== undefined && mutable !== "allow") {
    throw invalid(
      "its mutable is not allow, the only value there is: without it, mutable batches are refused",
    );
  }
  return {
    bee,
    ...(stamp !== undefined && { stamp: stamp.toLowerCase() }),
    ...(owner !== undefined && { owner: owner.toLowerCase().replace(/^0x/, "") }),
    ...(upload !== undefined && { upload }),
    ...(mutable !== undefined && { allowMutable: true }),
  };
}

function parseQuery<Name extends string>(
  query: string | undefined,
  known: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const pair of query === undefined ? [] : query.split("&")) {
    const [, text = "", value = ""] = /^([^=]*)=?(.*)$/.exec(pair) ?? [];
    const name = known.find((one) => one === text);
    if (name === undefined) throw invalid(`it has a parameter other than ${known.join(", ")}`);
    if (found[name] !== undefined) throw invalid(`it has the parameter ${name} twice`);
    found[name] = decode(value);
  }
  return found;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("it can't be decoded: a % is not followed by two hexadecimal digits of valid UTF-8");
  }
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`The URI of a remote on Swarm can't be used: ${why}. ${FORMS}`, {
    operation: "swarm.open",
  });
}
