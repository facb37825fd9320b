// `car:` URIs: a log in one file, to read.

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { carRemote } from "@remote-log/car";
import { carFile } from "@remote-log/car/node";
import { usageError } from "../../errors/command-error.ts";
import type { RemoteKind } from "../remote-kind.ts";

const SCHEME = "car:";

/** `car:log.car` or `car:///media/stick/log.car`: a CAR file. It is written by `rlog export` alone. */
export const carKind: RemoteKind = {
  open: (uri, label, { nameKeys }) => {
    if (nameKeys !== undefined)
      throw usageError("A CAR file can't be published to. rlog export writes one, whenever you want.");
    return carRemote({ file: carFile(carPath(uri)), label });
  },
  complete: (uri) => (/^car:\/\//.test(uri) ? uri : carUri(uri.slice(SCHEME.length))),
};

/** Whether a text is the path of a CAR file, or its URI. A path ends in `.car`. */
export function namesCarFile(text: string): boolean {
  return text.startsWith(SCHEME) || (/\.car$/i.test(text) && !/^[a-z][a-z0-9+.-]*:/.test(text));
}

/** The URI of a CAR file. A relative path counts from the working folder. */
export function carUri(path: string): string {
  if (path === "") throw usageError("Name the CAR file, such as backup.car.");
  return pathToFileURL(resolve(path)).href.replace(/^file:/, SCHEME);
}

/**
 * The path of a CAR file, by its URI or its path.
 *
 * @throws CommandError `ERR_USAGE` for what names none
 */
export function carPath(text: string): string {
  if (namesCarFile(text)) {
    const uri = text.startsWith(SCHEME) && /^car:\/\//.test(text) ? text : carUri(text.replace(/^car:/, ""));
    try {
      return fileURLToPath(uri.replace(SCHEME, "file:"));
    } catch {
      // It can't be decoded.
    }
  }
  throw usageError(
    `${JSON.stringify(text)} names no CAR file. Give a path that ends in .car, or car:FILE for any other.`,
  );
}
