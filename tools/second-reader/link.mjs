// Links (docs/protocol.md, "Links").

import { concat, equal, fromBase64, fromHex, fromUtf8, sha256 } from "./bytes.mjs";
import { Refused, wellFormed } from "./refused.mjs";

const LINK_CHARACTERS = 32_768;
const URI_CHARACTERS = 2048;
const REMOTES = 32;
const QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;

/**
 * @param {string} open what stands before the `#`
 * @param {string} ending what stands behind it
 * @returns {{ key?: Uint8Array } | undefined} `undefined` if the checksum does not fit
 */
function endingOf(open, ending) {
  if (!/^[A-Za-z0-9_-]+$/.test(ending) || (ending.length !== 48 && ending.length !== 8)) return undefined;
  const bytes = fromBase64(ending, "base64url");
  const key = ending.length === 48 ? bytes.subarray(0, 32) : new Uint8Array();
  const checksum = bytes.subarray(key.length);
  const own = sha256(concat(Buffer.from(`remote-log/v1/link\n${open}\n`), key)).subarray(0, checksum.length);
  if (!equal(checksum, own)) return undefined;
  return key.length === 0 ? {} : { key: key.slice() };
}

/**
 * @param {string} uri
 * @param {boolean} nested whether parameters are looked into, too
 * @returns {boolean}
 */
function hasCredentials(uri, nested = true) {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/)?([^/?#]*)/.exec(uri)?.[1];
  if (authority?.includes("@")) return true;
  const inner = /^[A-Za-z0-9.-]+\+(https?:.*)$/is.exec(uri)?.[1];
  if (inner !== undefined && hasCredentials(inner, nested)) return true;
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url !== undefined && (url.username !== "" || url.password !== "")) return true;
  if (!nested) return false;
  const query = /\?([^#]*)/.exec(uri)?.[1] ?? "";
  const values = query.split("&").map((parameter) => parameter.slice(parameter.indexOf("=") + 1));
  const decoded = [...new URLSearchParams(query).values()];
  return [...values, ...decoded].some((value) => hasCredentials(value, false));
}

/**
 * Checks URIs of remotes, those of a link or of a manifest.
 *
 * @param {readonly string[]} uris
 */
export function checkRemotes(uris) {
  wellFormed(uris.length <= REMOTES, "more than 32 remotes");
  wellFormed(new Set(uris).size === uris.length, "a remote that is named twice");
  for (const uri of uris) {
    wellFormed(uri.length <= URI_CHARACTERS && /^[a-z][a-z0-9+.-]*:./.test(uri), "a remote that is no URI");
    wellFormed(!/[\p{C}\s\\]/u.test(uri), "a URI with a character that none has");
    wellFormed(!hasCredentials(uri), "a URI with a user name or a password");
  }
}

/**
 * @param {string} text
 * @returns {{ logId: Uint8Array, remotes: string[], floor?: { size: number, root?: Uint8Array }, key?: Uint8Array }}
 */
export function decodeLink(text) {
  wellFormed(text.length <= LINK_CHARACTERS, "a link of more than 32,768 characters");
  if (/^rlog:[0-9]+\./.test(text)) throw new Refused("unsupported", "a newer kind of link");
  const hash = text.indexOf("#");
  const open = hash < 0 ? text : text.slice(0, hash);
  if (hash < 0)
    for (const length of [48, 8])
      for (const cut of [length, length + 1])
        wellFormed(
          endingOf(text.slice(0, -cut), text.slice(-length)) === undefined,
          "a link that lost its #",
        );
  const ending = hash < 0 ? {} : endingOf(open, text.slice(hash + 1));
  wellFormed(ending !== undefined, "a link with a damaged character");
  const [, logId, query] = /^rlog:([0-9a-f]{64})(?:\?(.*))?$/s.exec(open) ?? [];
  wellFormed(logId !== undefined, "not a link");
  return { logId: fromHex(logId), ...parametersOf(query), ...ending };
}

/** @param {string | undefined} query */
function parametersOf(query) {
  /** @type {{ remotes: string[], floor?: { size: number, root?: Uint8Array } }} */
  const result = { remotes: [] };
  let unknown = 0;
  for (const parameter of query?.split("&") ?? []) {
    const [, name, raw] = /^([a-z][a-z0-9-]{0,31})=(.*)$/s.exec(parameter) ?? [];
    wellFormed(name !== undefined && raw !== undefined && QUERY.test(raw), "a parameter that no link has");
    const escaped = raw.replace(/%([0-9A-Fa-f]{2})|./gs, (character, code) =>
      code === undefined ? character : String.fromCharCode(Number.parseInt(code, 16)),
    );
    const value = fromUtf8(new Uint8Array(Buffer.from(escaped, "latin1")));
    if (name === "remote") result.remotes.push(value);
    else if (name === "floor") {
      wellFormed(result.floor === undefined, "a link with two floors");
      const [, size, root] = /^(0|[1-9][0-9]*)(?::([0-9a-f]{64}))?$/.exec(value) ?? [];
      wellFormed(size !== undefined && Number.isSafeInteger(Number(size)), "a floor that is no number");
      result.floor = { size: Number(size), ...(root === undefined ? {} : { root: fromHex(root) }) };
    } else wellFormed(++unknown <= 32, "too many unknown parameters");
  }
  checkRemotes(result.remotes);
  return result;
}
