// Makes all hostile fixtures. The same code makes the same files.

import type { ThreatFile } from "./fixture.ts";
import { makeParts } from "./parts.ts";
import { bundleReads } from "./threats/bundle-reads.ts";
import { bundles } from "./threats/bundles.ts";
import { contents } from "./threats/contents.ts";
import { forks } from "./threats/forks.ts";
import { hashKinds } from "./threats/hash-kinds.ts";
import { heads } from "./threats/heads.ts";
import { keyrings } from "./threats/keyrings.ts";
import { limits } from "./threats/limits.ts";
import { lyingServers } from "./threats/lying-servers.ts";
import { manifestMessages } from "./threats/manifest-messages.ts";
import { manifests } from "./threats/manifests.ts";
import { messages } from "./threats/messages.ts";
import { names } from "./threats/names.ts";
import { oldParts } from "./threats/old-parts.ts";
import { outside } from "./threats/outside.ts";
import { signatures } from "./threats/signatures.ts";
import { sizes } from "./threats/sizes.ts";
import { snapshots } from "./threats/snapshots.ts";
import { structure } from "./threats/structure.ts";
import { successions } from "./threats/successions.ts";

/** Where the files are, from the root of the repository. */
export const FOLDER = "vectors/hostile";

/** The fixtures of every threat that has some. */
export async function makeFixtures(): Promise<readonly ThreatFile[]> {
  const parts = await makeParts();
  const makers = [
    contents,
    heads,
    names,
    forks,
    oldParts,
    hashKinds,
    sizes,
    messages,
    outside,
    signatures,
    limits,
    lyingServers,
    // After those whose files it adds to.
    manifests,
    snapshots,
    manifestMessages,
    keyrings,
    structure,
    successions,
    bundles,
    bundleReads,
  ];
  const files = new Map<string, ThreatFile>();
  for (const make of makers) {
    for (const file of await make(parts)) {
      const before = files.get(file.threat);
      const joined = before && { ...before, fixtures: [...before.fixtures, ...file.fixtures] };
      files.set(file.threat, joined ?? file);
    }
  }
  return [...files.values()].sort((a, b) => numberOf(a) - numberOf(b));
}

/** The name of the file of a threat. */
export function fileOf({ threat }: ThreatFile): string {
  return `${threat.toLowerCase()}.json`;
}

/** The text of the file of a threat. */
export function textOf(file: ThreatFile): string {
  return `${JSON.stringify(file, null, 1)}\n`;
}

function numberOf({ threat }: ThreatFile): number {
  return Number(threat.slice(1));
}
