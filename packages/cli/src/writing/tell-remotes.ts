// Where a log lives, told by the log itself: so readers who know one of its remotes find the others.

import type { Writer } from "@remote-log/core";
import { kindOf } from "../remotes/registry.ts";
import type { WriterConfig } from "./writer-config.ts";
import { readerUris } from "./writer-folder.ts";

/**
 * Says in the manifest where readers find the log, if there is more than one place, or if it was said before. Folders are left
 * out: they are places of this machine.
 *
 * @param config - with the remotes to tell of
 * @param when - `"always"`: also if it is one place. Default: `"if-several"`
 */
export async function tellRemotes(
  dir: string,
  writer: Writer,
  config: WriterConfig,
  when: "always" | "if-several" = "if-several",
): Promise<void> {
  const uris = (await readerUris(dir, config)).filter(isReachable);
  const tells = when === "always" || uris.length > 1 || writer.manifest?.remotes !== undefined;
  if (tells) await writer.setRemotes(uris);
}

function isReachable(uri: string): boolean {
  return typeof kindOf(uri)?.openFromLink?.(uri) === "function";
}
