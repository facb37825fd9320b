import type { ConformanceFixture, Opened } from "@remote-log/conformance";
import { type Held, tidy } from "../mutants/keeping-storage.ts";
import { namesOver, storageOver } from "../mutants/over-service.ts";
import { SECRET, Service } from "../mutants/service.ts";
import { CASE_MS } from "../patience.ts";
import { type Records, sequencedNames } from "./names.ts";
import { localStorage } from "./storage.ts";

const LARGEST_CONTENT = 1_048_576;
const LARGEST_NAME_CONTENT = 100_000;
const SHOWN_AFTER_MS = 40;

/**
 * The fixture of an adapter that is sound, and promises as little as one on a network of peers can.
 *
 * @param remembers - whether its resolver refuses what is older than what it has set or seen
 */
export function sequencedFixture(remembers: boolean): ConformanceFixture {
  const worlds = new Map<string, Held & { readonly records: Records }>();
  async function open({ namespace }: { namespace: string }): Promise<Opened> {
    const world = worlds.get(namespace) ?? { contents: new Map(), released: new Set(), records: new Map() };
    worlds.set(namespace, world);
    const service = new Service();
    const names = sequencedNames({
      records: world.records,
      largestContent: LARGEST_NAME_CONTENT,
      shownAfterMs: SHOWN_AFTER_MS,
      remembers,
    });
    return {
      storage: storageOver(service, localStorage(world, LARGEST_CONTENT)),
      names: namesOver(service, names),
      requests: () => service.requests,
      faults: service,
      secrets: [SECRET],
      tidyUp: () => tidy(world),
    };
  }
  return { name: "sequenced", create: open, reopen: open, limits: { timeoutMs: CASE_MS }, seed: 1 };
}
