// Links to logs; docs/protocol.md, "Links".

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { InvalidInputError, UnsupportedError } from "../errors/index.ts";
import { checkLogId } from "../log/genesis.ts";
import { ReadKey } from "../log/read-key.ts";
import { checkArgument, checkOptionTypes } from "../options/check-option-types.ts";
import { text as aText, bytes, list, type OptionKind, record, required } from "../options/option-kinds.ts";
import { faultOfUris } from "../remote/remote-uri.ts";
import type { Floor } from "../tree/floor.ts";
import { formatFragment, lostItsFragment, parseFragment } from "./fragment.ts";

/** Everything that a reader of a log needs, as one text. */
export interface LogLink {
  /** The log: 64 hexadecimal digits. */
  readonly logId: string;
  /** The remotes as URIs, at most 32. Which kinds exist is up to the application. */
  readonly remotes: readonly string[];
  /** The least state to accept on first contact. */
  readonly floor?: Floor | undefined;
  /** The key of a private log. Whoever has the link can read the log. */
  readonly key?: ReadKey | undefined;
  /** Parameters that this version does not know, as name and value, in their order; at most 32. */
  readonly further?: readonly (readonly [name: string, value: string])[] | undefined;
}

const LARGEST_LINK = 32 * 1024;
const MOST_FURTHER = 32;
const FORM = "A link looks like rlog:<log id>?remote=<uri>&floor=<size>:<root>#<key and checksum>.";

const isUris = (value: unknown): boolean => Array.isArray(value) && value.every((uri) => aText.is(uri));
const linkKinds: Readonly<Record<keyof LogLink, OptionKind>> = {
  logId: required(aText),
  remotes: required({ is: isUris, expected: "an array of URIs, each a string" }),
  floor: record,
  key: { is: (value) => value instanceof ReadKey, expected: "a read key, such as `writer.readKey`" },
  further: list,
};

/**
 * Writes the link of a log: `rlog:<log id>?remote=<uri>&remote=<uri>&floor=<size>:<root>#<key and checksum>`. The same link
 * always gives the same text. With a key it is a secret: whoever has it can read the log.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for what {@link parseLink} would refuse
 *
 * @example
 * ```ts
 * import { formatLink } from "@remote-log/core";
 *
 * const link = formatLink({ logId: "0".repeat(64), remotes: ["https://example.org/log"], floor: { size: 12 } });
 * ```
 */
export function formatLink(link: LogLink): string {
  checkOptionTypes(link, linkKinds, { name: "formatLink", operation: "link.format" });
  const { logId, remotes, floor, key, further = [] } = link;
  checkLogId(logId);
  checkUris(remotes);
  const query = remotes.map((uri) => `remote=${encode(uri)}`);
  if (floor !== undefined) query.push(`floor=${formatFloor(floor)}`);
  checkFurther(further);
  for (const [name, value] of further) query.push(`${name}=${encode(value)}`);
  const open = query.length === 0 ? `rlog:${logId}` : `rlog:${logId}?${query.join("&")}`;
  const text = `${open}#${formatFragment(open, key)}`;
  if (text.length > LARGEST_LINK)
    throw invalid(`it has ${text.length} characters, and at most ${LARGEST_LINK} fit`);
  return text;
}

/**
 * Reads a link. The checksum at its end tells if a character of it was damaged; a link that somebody wrote by hand may have
 * none. Parameters that this version does not know are kept. Errors repeat nothing of the link, because it may hold a secret.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if it is not a link, and with the reason `"damaged"` if its checksum is wrong
 * @throws UnsupportedError `ERR_UNSUPPORTED` if it is of a newer kind
 *
 * @example
 * ```ts
 * import { formatLink, parseLink } from "@remote-log/core";
 *
 * const { logId, remotes, floor } = parseLink(formatLink({ logId: "0".repeat(64), remotes: [] }));
 * ```
 */
export function parseLink(text: string): LogLink {
  checkArgument(text, aText, { name: "The link", operation: "link.parse" });
  if (!text.startsWith("rlog:")) throw invalid("it does not begin with rlog:");
  if (text.length > LARGEST_LINK)
    throw invalid(`it has ${text.length} characters, and at most ${LARGEST_LINK} fit`);
  if (/^rlog:\d+\./.test(text)) {
    throw new UnsupportedError(
      "The link is of a newer kind than this version knows. Use a newer version, or ask for a link of the first kind.",
      { operation: "link.parse", reason: "newer-kind" },
    );
  }
  const [open = "", fragment, ...more] = text.split("#");
  if (more.length > 0) throw invalid("it has # more than once");
  if (fragment === undefined && lostItsFragment(text)) throw damaged();
  const key = fragment === undefined ? undefined : readFragment(open, fragment);
  return { ...parseOpen(open), ...(key && { key }) };
}

/** Reads what is before the key, which is no secret. */
function parseOpen(open: string): LogLink {
  const parts = /^rlog:([0-9a-f]{64})(?:\?([\w\-.~!$'()*+,;=:@/?%&]+))?$/.exec(open);
  if (parts === null) throw invalid("its log id, or a character in it, is wrong");
  const [, logId = "", query] = parts;
  const remotes: string[] = [];
  const further: (readonly [string, string])[] = [];
  let floor: Floor | undefined;
  for (const pair of query?.split("&") ?? []) {
    const [, name, value = ""] = NAMED.exec(pair) ?? [];
    if (name === undefined) throw invalid("it has a parameter without a name");
    if (name === "remote") remotes.push(decode(value));
    else if (name !== "floor") further.push([name, decode(value)]);
    else if (floor !== undefined) throw invalid("it has a floor twice");
    else floor = parseFloor(decode(value));
  }
  checkUris(remotes);
  checkFurther(further);
  return { logId, remotes, ...(floor && { floor }), ...(further.length > 0 && { further }) };
}

/** The name and the value of a parameter. */
const NAMED = /^([a-z][a-z0-9-]{0,31})=(.*)$/;

function readFragment(open: string, fragment: string): ReadKey | undefined {
  const read = parseFragment(open, fragment);
  if (read === undefined) throw damaged();
  return read.key && new ReadKey(read.key);
}

function checkFurther(further: readonly (readonly [string, string])[]): void {
  if (further.length > MOST_FURTHER)
    throw invalid(`it has ${further.length} parameters that are unknown, and at most ${MOST_FURTHER} fit`);
  for (const [name, value] of further) {
    if (name === "remote" || name === "floor" || !NAMED.test(`${name}=`) || typeof value !== "string")
      throw invalid("a further parameter has a name or a value that can't be");
  }
}

function damaged(): InvalidInputError {
  return new InvalidInputError(
    "The link is damaged: its checksum does not fit, so a character of it is wrong, missing or too many. Copy it again, whole.",
    { operation: "link.parse", reason: "damaged" },
  );
}

function checkUris(uris: readonly string[]): void {
  const fault = faultOfUris(uris);
  if (fault !== undefined) throw invalid(fault);
}

function formatFloor({ size, root }: Floor): string {
  if (!Number.isSafeInteger(size) || size < 0) throw invalid("its floor is no number of entries");
  if (root === undefined) return String(size);
  checkArgument(root, bytes, { name: "The root of the floor", operation: "link.format" });
  if (root.length !== HASH_BYTES)
    throw invalid(`the root of its floor has ${root.length} bytes, not ${HASH_BYTES}`);
  return `${size}:${bytesToHex(root)}`;
}

function parseFloor(text: string): Floor {
  const [, digits, root] = /^(0|[1-9]\d{0,15})(?::([0-9a-f]{64}))?$/.exec(text) ?? [];
  const size = Number(digits);
  if (!Number.isSafeInteger(size)) throw invalid("its floor is not <size> or <size>:<root>");
  return { size, ...(root !== undefined && { root: hexToBytes(root) }) };
}

// What need not be encoded stays readable; apart from letters, digits and these, nothing does.
function encode(uri: string): string {
  const encoded = encodeURIComponent(uri).replaceAll("%3A", ":").replaceAll("%2F", "/");
  return encoded.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("a % in it is not followed by two hexadecimal digits of valid UTF-8");
  }
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`The link can't be used: ${why}. ${FORM}`, { operation: "link.parse" });
}
