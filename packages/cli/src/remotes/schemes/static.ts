// `static:` URIs: a log in a folder that a web server serves.

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { staticRemote } from "@remote-log/fs";
import { usageError } from "../../errors/command-error.ts";
import type { RemoteKind } from "../remote-kind.ts";

/** `static:DIR` or `static:///srv/www/log`: a folder. Readers open its `https:` URL, so a link to it leads nowhere. */
export const staticKind: RemoteKind = {
  open: (uri, label) => staticRemote({ root: rootOf(uri), label }),
  complete: (uri) => {
    if (/^static:\/\//.test(uri)) return uri;
    const folder = uri.slice("static:".length);
    if (folder === "")
      throw usageError("Name the folder that a web server serves, such as static:public/log.");
    return pathToFileURL(resolve(folder)).href.replace(/^file:/, "static:");
  },
};

function rootOf(uri: string): string {
  const place = /^static:(\/\/(?:localhost)?\/[^?#\\\s]*)$/.exec(uri)?.[1];
  try {
    if (place !== undefined) return fileURLToPath(`file:${place}`);
  } catch {
    // It can't be decoded.
  }
  throw usageError(
    `${JSON.stringify(uri)} names no folder. The forms are static:DIR and static:///absolute/path, percent-encoded.`,
  );
}
