// A log as C2SP tlog-tiles: its checkpoint, its tiles, and its leaves as entries.

import { entryBundle, parseTilePath, TILE_WIDTH, widthIn } from "../leaves.ts";
import type { ServedLog } from "../served-log.ts";
import { type Answer, IMMUTABLE, NOT_FOUND } from "./answers.ts";

/** The answer to what follows the hash of the origin in the URL. */
export async function tileAnswer({ served, leaves }: ServedLog, path: string): Promise<Answer> {
  if (served === undefined) return NOT_FOUND;
  if (path === "checkpoint") return { status: 200, body: served.note };
  const asked = path.startsWith("tile/") ? parseTilePath(path.slice("tile/".length)) : undefined;
  if (asked === undefined || asked.width > widthIn(asked, served.size)) return NOT_FOUND;
  const { level, index, width } = asked;
  const from = index * TILE_WIDTH;
  const body =
    level === "entries"
      ? entryBundle(await leaves.leaves(from, from + width))
      : await leaves.tile(level, index, width);
  return { status: 200, type: "application/octet-stream", body, cache: IMMUTABLE };
}
