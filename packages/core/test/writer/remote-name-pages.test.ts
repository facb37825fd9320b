// The name of a log on one remote whose pages were written anew: when it leads to them.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { DeniedError } from "../../src/index.ts";
import { failing, heal, nameOn, placeWith } from "./name-on-remote.ts";

const { signal } = new AbortController();

test("pages that were written anew are not taken for shown by a head that was made before them", async () => {
  const place = await placeWith(6);
  const first = await nameOn(place);
  failing(place, "update", () => new DeniedError("No.", { operation: "x" }));
  await failure(first.move(4));
  heal(place);
  await first.state.journal.write([first.records.rewriteOperation({ removed: [], unshown: true })], true);
  await first.close();
  const second = await nameOn(place, { label: "two" });
  await second.move(6);
  await second.close();
  const { name, tree, records } = await nameOn(place);
  // The name shows all that was to be sent, and more; it does not lead to those pages.
  await name.look(signal);
  expect([name.size, name.settled]).toEqual([6, true]);
  expect([tree.rewriter.unshown, (await records.loadRewrite()).unshown]).toEqual([true, true]);
  expect(name.shows({ size: 6 } as never)).toBe(false);
});
