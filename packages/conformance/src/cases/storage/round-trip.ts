// CAS-PUT: contents come back as they were, at the sizes at which blocks, pages and buffers end.

import { sameBytes } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";

/** Contents come back as they were, at the sizes where block sizes, pages and buffers end. */
export const roundTripCases: readonly ConformanceCase[] = [
  atSizes("CAS-PUT-01", "of 0, 1, 31, 32 and 33 bytes", [0, 1, 31, 32, 33]),
  atSizes("CAS-PUT-02", "of 4,095 to 4,097 bytes", [4095, 4096, 4097]),
  atSizes("CAS-PUT-03", "of 65,535 to 65,537 bytes", [65_535, 65_536, 65_537]),
  atSizes("CAS-PUT-04", "of 262,143 to 262,145 bytes", [262_143, 262_144, 262_145]),
  atSizes("CAS-PUT-05", "of 1 MiB", [1_048_576]),
  {
    id: "CAS-PUT-06",
    level: "MUST",
    title: "a content of exactly largestContent comes back as it was",
    requires: ["storage"],
    async run(context) {
      const { largestContent } = context.storage.capabilities;
      if (largestContent > context.limits.largestProbe) context.skip("largestContent is over largestProbe");
      await roundTrip(context, largestContent);
    },
  },
];

function atSizes(id: string, which: string, sizes: readonly number[]): ConformanceCase {
  return {
    id,
    level: "MUST",
    title: `contents ${which} come back as they were`,
    requires: ["storage"],
    async run(context) {
      const limit = Math.min(context.storage.capabilities.largestContent, context.limits.largestProbe);
      const allowed = sizes.filter((size) => size <= limit);
      if (allowed.length === 0) context.skip("largestContent or largestProbe is smaller");
      for (const size of allowed) await roundTrip(context, size);
    },
  };
}

async function roundTrip({ storage, content, settled }: CaseContext, size: number): Promise<void> {
  const sent = content(size);
  const address = await storage.put(sent);
  const read = await settled("storage", () => storage.get(address));
  sameBytes(read, sent, `the content of ${size} bytes`);
}
