// What `rlog serve` does for a log besides mirroring it: IPNS records are published again, and services are asked how long they keep it.

import type { Remote } from "@remote-log/core";
import type { Chore } from "@remote-log/serve";
import { takesRecords } from "../remotes/ipns-records.ts";
import { checkUp } from "../remotes/open-remotes.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";

const HOUR = 3_600_000;

/** What needs care, of a service that keeps the log. */
class NeedsCare extends Error {
  override readonly name = "NeedsCare";
}

/** The chores of a log, for each of its remotes. */
export function choresOf(places: readonly RemotePlace[], remotes: readonly Remote[]): Chore[] {
  return remotes.flatMap((remote, i) => [...keeping(remote), checking(places[i]!, remote)]);
}

// The network forgets a record after two days.
function keeping({ label, name, names }: Remote): Chore[] {
  if (name === undefined || !takesRecords(names)) return [];
  return [
    {
      name: `keep ${label}`,
      everyMilliseconds: 12 * HOUR,
      async run(signal) {
        const { keepNameOnce } = await import("@remote-log/ipfs");
        await keepNameOnce({ name, names, signal });
      },
    },
  ];
}

function checking(place: RemotePlace, remote: Remote): Chore {
  return {
    name: `check ${remote.label}`,
    everyMilliseconds: 6 * HOUR,
    async run(signal) {
      // What a link names has no service of its own to ask.
      if (place.linked !== undefined) return;
      const found = await checkUp(place, remote, { signal });
      const [finding] = found?.findings ?? [];
      if (finding !== undefined) throw new NeedsCare(finding.message);
    },
  };
}
