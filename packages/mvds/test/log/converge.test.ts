import { expect, test } from "vitest";
import { converge } from "./converge.ts";
import { places } from "./places.ts";

test.each(["eventual", "consistent"] as const)(
  "devices that are never online together deliver everything once and are silent (%s)",
  async (order) => {
    expect(await converge({ remoteOf: places(), node: { order } })).toEqual([{}, {}, {}]);
  },
);

test("so do devices that relay", async () => {
  expect(await converge({ remoteOf: places(), node: { relay: true } })).toEqual([{}, {}, {}]);
});
