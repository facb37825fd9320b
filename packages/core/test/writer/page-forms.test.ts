// In which form a remote gets pages: noted before any is stored, with what another form may have left.

import { expect, test, vi } from "vitest";
import { PageForms } from "../../src/writer/page-forms.ts";
import type { PageRewriter } from "../../src/writer/page-rewriter.ts";
import { World } from "./rewritten-pages.ts";

interface Settings {
  readonly bundles: boolean;
  readonly largestEmbedded: number;
}

/** What a process with other settings notes, of a log of which some pages are stored. */
async function noted(
  { journal, log, records, storage }: World,
  settings: Settings,
  { size = 19, bundled = 0 }: { readonly size?: number; readonly bundled?: number } = {},
) {
  const { sealing } = log;
  const forms = new PageForms({
    ...{ journal, sealing, records, storage },
    ...{ genesis: log.genesis.genesis, ...settings },
  });
  expect(forms.leastEmbedded).toBe(settings.largestEmbedded);
  const noteUnknown = vi.fn<PageRewriter["noteUnknown"]>(async () => undefined);
  const stored = { pages: 4, runs: { bundled: { from: 0, to: bundled } }, rewriter: { noteUnknown } };
  await forms.note(size, stored);
  return { leastEmbedded: forms.leastEmbedded, noteUnknown };
}

test("a form is noted, durably, when it changes; the least size of contents on their own stays", async () => {
  const world = await World.of(4, 19, 1);
  await world.journal.write([{ type: "del", key: world.records.formOperation({} as never).key }], true);
  const { writes } = world.database;
  for (const [bundles, largestEmbedded, leastEmbedded, changes, notes] of [
    [true, 16, 16, true, 0],
    [true, 16, 16, false, 0],
    [false, 16, 16, true, 1],
    [false, 40, 16, true, 1],
    [false, 8, 8, true, 1],
    [false, 40, 8, true, 1],
    [false, 40, 8, false, 0],
  ] as const) {
    const before = writes.length;
    const told = await noted(world, { bundles, largestEmbedded });
    expect([told.leastEmbedded, told.noteUnknown.mock.calls.length]).toEqual([leastEmbedded, notes]);
    expect(writes.slice(before).map(({ sync }) => sync)).toEqual(changes ? [true] : []);
    expect(await world.records.loadForm()).toEqual({ bundles, largestEmbedded, leastEmbedded });
  }
});

test("what the former settings may have stored is looked for as they made it, in one stage of a publish", async () => {
  const world = await World.of(4, 19, 1);
  for (const [size, former, bundled, count, nextRun, step] of [
    [19, { bundles: true, largestEmbedded: 16 }, 0, 19, 0, 4],
    [100_000, { bundles: true, largestEmbedded: 40 }, 0, 4 * 2 + 4096, 0, 4],
    [100_000, { bundles: true, largestEmbedded: 40 }, 4, 8 * 2 + 4096, 4, 4],
    [100_000, { bundles: false, largestEmbedded: 16 }, 0, 8 * 2 + 4096, 4, 1],
  ] as const) {
    await noted(world, former);
    const { noteUnknown } = await noted(
      world,
      { bundles: !former.bundles, largestEmbedded: 30 },
      { size, bundled },
    );
    expect(noteUnknown).toHaveBeenCalledTimes(1);
    const [removed, all, form] = noteUnknown.mock.calls[0]!;
    expect([removed, all]).toEqual([[{ first: 0, count }], size]);
    expect([form!.nextRun, form!.runs.step]).toEqual([nextRun, step]);
    // Every third content is longer than 16 bytes.
    const pairs = await form!.pairs(0, 3, world.tree.runs.nowhere);
    const kind = former.largestEmbedded === 16 ? "pointer" : "embedded";
    expect(pairs.map(({ place }) => place.kind)).toEqual([kind, "embedded", "embedded"]);
  }
});
