// URLs, on runtimes whose `URL` does not have `canParse` either.

import { requireRuntime } from "./features.ts";

/**
 * The URL that a text is; `undefined` if it is none.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED`, reason `"runtime"`, if the runtime has no `URL` that works
 */
export function parseUrl(text: string): URL | undefined {
  requireRuntime("url.parse", "URL");
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
