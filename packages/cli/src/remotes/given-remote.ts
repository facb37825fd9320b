// A remote as somebody types it: `[LABEL=]URI`, or a path in place of the URI.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { kindOf } from "./registry.ts";
import { LABELLED, parseRemote, type RemotePlace } from "./remote-place.ts";
import { carUri, namesCarFile } from "./schemes/car.ts";

/** What looks like a path and is an address of IPFS. */
const IPFS_PATH = /^\/(?:ip[fn]s|ip4|ip6|dns[46a-z]*)\//;

/**
 * Parses what was typed: `[LABEL=]URI`, or `[LABEL=]PATH`, where the path begins with `/`, `./` or `../`, so that it can't be
 * taken for anything else; the path of a CAR file ends in `.car` instead. Every character of a path stands for itself. It counts
 * from the working folder.
 *
 * @throws CommandError `ERR_USAGE`, as {@link parseRemote}
 */
export function givenRemote(text: string): RemotePlace {
  const [, label, named] = LABELLED.exec(text) ?? [];
  const given = named ?? text;
  if (kindOf(given) === undefined && namesCarFile(given)) {
    const uri = carUri(given);
    return parseRemote(label === undefined ? uri : `${label}=${uri}`);
  }
  if (kindOf(given) !== undefined || !/^\.{0,2}\/|^\.{1,2}$/.test(given) || IPFS_PATH.test(given))
    return parseRemote(text);
  const uri = pathToFileURL(resolve(given)).href;
  return parseRemote(label === undefined ? uri : `${label}=${uri}`);
}
