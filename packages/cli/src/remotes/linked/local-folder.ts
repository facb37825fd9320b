// Which folders a `file:` remote of a link may be in.

import { realpathSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Where looking alone has an effect: devices, the kernel's own trees, and folders that mount what is named below them. */
const SPECIAL = ["/dev", "/proc", "/sys", "/net", "/afs", "/Network"];

/** The type of a folder whose entries are mounted when they are looked at (Linux, `AUTOFS_SUPER_MAGIC`). */
const AUTOFS = 0x187;

/**
 * Why a link may not lead to a folder; `undefined` if it may.
 *
 * A remote in a folder is read by names that are hashes, below `contents` and `names` alone, and only regular files without
 * following a link. So a link that names any ordinary folder reveals nothing of it, and delivers nothing that the log's
 * writer did not sign. What is left is the effect of looking, and that is refused here.
 */
export function whyNoFolder(uri: string): string | undefined {
  let path: string;
  try {
    path = fileURLToPath(uri);
  } catch {
    // Opening it says what is wrong.
    return undefined;
  }
  if (isSpecial(path) || mountsOnLook(path)) return WHY;
  try {
    return isSpecial(realpathSync(path)) ? WHY : undefined;
  } catch {
    // It is not there, or may not be looked at: then nothing is read.
    return undefined;
  }
}

const WHY = "it is in a folder of the system, where looking alone can have an effect";

function isSpecial(path: string): boolean {
  return SPECIAL.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** Whether looking at a path would mount something. Looks from the root on, and no further than that. */
function mountsOnLook(path: string): boolean {
  const above: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    above.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const folder of above) {
    try {
      if (process.platform === "linux" && statfsSync(folder).type === AUTOFS) return true;
    } catch {
      return false;
    }
  }
  return false;
}
