import { whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { converge } from "./converge.ts";
import { places } from "./places.ts";

test("devices that are never online together deliver everything once and are silent", async () => {
  expect(await converge({ remoteOf: places(), node: { order: "consistent" } })).toEqual([{}, {}, {}]);
});

// Stories in random order have such devices, too.
test.runIf(whole)("so do devices that relay, and deliver at once", async () => {
  expect(await converge({ remoteOf: places(), node: { relay: true } })).toEqual([{}, {}, {}]);
});
