// Where a log lives, told by the log itself: so readers who know one of its remotes find the others.

import type { Writer } from "@remote-log/core";
import { kindOf } from "../remotes/registry.ts";
import type { FolderSeeds } from "./folder-seed.ts";
import type { WriterConfig } from "./writer-config.ts";
import { readerUris } from "./writer-folder.ts";

/**
 * Says in the manifest where readers find the log, if there is more than one place, or if it was said before. Folders are left
 * out: they are places of this machine.
 *
 * @param config - with the remotes to tell of
 * @param options - what opens the seed; whether to say it also if it is one place (default: only if there are several)
 */
export async function tellRemotes(
  dir: string,
  writer: Writer,
  config: WriterConfig,
  { seeds, always = false }: { readonly seeds: FolderSeeds; readonly always?: boolean },
): Promise<void> {
  const uris = (await readerUris(dir, config, seeds)).filter(isReachable);
  const tells = always || uris.length > 1 || writer.manifest?.remotes !== undefined;
  if (tells) await writer.setRemotes(uris);
}

function isReachable(uri: string): boolean {
  return typeof kindOf(uri)?.openFromLink?.(uri) === "function";
}
