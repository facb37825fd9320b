// The URIs of remotes, as links and manifests hold them: without credentials; docs/protocol.md, "Links".

import { parseUrl } from "../runtime/parse-url.ts";

const LARGEST_URI = 2048;
const MOST_REMOTES = 32;

/** What is wrong with the URIs of remotes, to stand behind "it can't be used: "; `undefined` if nothing is. It repeats none. */
export function faultOfUris(uris: readonly string[]): string | undefined {
  if (uris.length > MOST_REMOTES) return `it has ${uris.length} remotes, and at most ${MOST_REMOTES} fit`;
  if (new Set(uris).size < uris.length) return "it has a remote twice";
  for (const uri of uris) {
    if (uri.length > LARGEST_URI) return `the URI of a remote has more than ${LARGEST_URI} characters`;
    if (/[\p{C}\s\\]/u.test(uri)) return "the URI of a remote has a character that is none of a URI";
    if (!/^[a-z][a-z0-9+.-]*:./.test(uri)) return "a remote is no URI";
    if (holdsUser(uri) || parametersOf(uri).some(holdsUser))
      return "the URI of a remote holds a user name or a password";
  }
  return undefined;
}

/** What precedes an @ there is meant to be a secret, even in schemes without a host. */
const USER = /^[a-z][a-z0-9+.-]*:(?:\/\/)?[^/?#]*@/i;

// The parser of URLs (WHATWG URL, "special scheme") takes any number of slashes there: `https:user:password@host`.
const WEB_USER = /^(?:[a-z][a-z0-9+.-]*\+)?(?:https?|wss?|ftp):\/*[^/?#]*@/i;

function holdsUser(uri: string): boolean {
  if (USER.test(uri) || WEB_USER.test(uri)) return true;
  const url = uri.replace(/^[a-z][a-z0-9+.-]*\+(?=(?:https?|wss?|ftp):)/i, "");
  const { username = "", password = "" } = parseUrl(url) ?? {};
  return username !== "" || password !== "";
}

/** The values behind the path of a URI, as they are and decoded: some are URLs, such as that of a gateway. */
function parametersOf(uri: string): string[] {
  const [, ...pairs] = uri.split(/[?#&]/);
  return pairs.flatMap((pair) => {
    const value = pair.replace(/^[^=]*=/, "");
    try {
      return [value, decodeURIComponent(value)];
    } catch {
      return [value];
    }
  });
}
