// `s3:` URIs, read strictly.

import { InvalidInputError } from "@remote-log/core";
import { parseUrl } from "@remote-log/core/adapter";
import { checkPrefix } from "./place-options.ts";

/** What an `s3:` URI says. */
export interface S3Place {
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly compareAndSet: "none" | undefined;
}

const forms = "The form is s3://bucket/prefix?region=…&endpoint=https://….";
const parameters = ["region", "endpoint", "compare-and-set"];

/**
 * Reads an `s3:` URI: `s3://bucket`, `s3://bucket/prefix`, with the parameters `region`, `endpoint` and
 * `compare-and-set=none`, each at most once. Strict: it refuses what it does not know. The errors don't repeat the URI,
 * since it may hold a secret.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function parseS3Uri(uri: string): S3Place {
  // Characters that URL parsers would drop silently, or read as a slash.
  if (/[\p{C}\s\\]/u.test(uri)) throw invalid("it holds white space, a control character or a backslash");
  const parts = /^s3:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/.exec(uri);
  if (parts === null) throw invalid("it does not begin with s3://");
  const [, bucket = "", path = "", query, fragment] = parts;
  if (bucket.includes("@")) {
    throw invalid(
      "it holds credentials, which end up in logs and histories. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY " +
        "instead, or a profile",
    );
  }
  if (fragment !== undefined) throw invalid("it has a fragment (write # as %23)");
  if (bucket === "") throw invalid("it names no bucket");
  return { bucket, prefix: parsePrefix(path), ...parseQuery(query) };
}

function parsePrefix(path: string): string {
  const text = decode(path.replace(/\/$/, ""));
  if (path.replace(/\/$/, "").split("/").length !== text.split("/").length)
    throw invalid("it has an encoded slash");
  return checkPrefix(text);
}

function parseQuery(query: string | undefined): Omit<S3Place, "bucket" | "prefix"> {
  const found = new Map<string, string>();
  for (const pair of query === undefined ? [] : query.split("&")) {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/.exec(pair) ?? [];
    if (!parameters.includes(name)) throw invalid(`it has a parameter other than ${parameters.join(", ")}`);
    if (found.has(name)) throw invalid(`it has the parameter ${name} twice`);
    found.set(name, decode(value));
  }
  const region = found.get("region");
  if (region !== undefined && !/^[a-z0-9-]{1,40}$/.test(region)) {
    throw invalid("its region is not made of small letters, digits and hyphens");
  }
  const endpoint = found.get("endpoint");
  if (endpoint !== undefined) checkEndpoint(endpoint);
  const compareAndSet = found.get("compare-and-set");
  if (compareAndSet !== undefined && compareAndSet !== "none") {
    throw invalid(
      "its compare-and-set is not none, the only value that it takes: without it, the service is probed",
    );
  }
  return { region, endpoint, compareAndSet };
}

function checkEndpoint(endpoint: string): void {
  const url = parseUrl(endpoint);
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw invalid("its endpoint is no http: or https: URL");
  }
  if (url.username !== "" || url.password !== "") throw invalid("its endpoint holds credentials");
  if (/[?#]/.test(url.href)) throw invalid("its endpoint has a query or a fragment");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("it can't be decoded: a % is not followed by two hexadecimal digits of valid UTF-8");
  }
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`The URI of a remote in S3 can't be used: ${why}. ${forms}`, {
    operation: "s3.open",
  });
}
