// Every option with every wrong type is refused, with what is expected.

import { wrongTypeProblems } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { fsNames, fsRemote, fsRemoteFromUri, fsStorage } from "../src/index.ts";

const shared = { root: "string", create: "boolean", sync: "boolean" };

test("fsRemote, fsStorage, fsNames and fsRemoteFromUri", async () => {
  const sound = { root: "/srv/log" };
  expect(await wrongTypeProblems(fsRemote, sound, { ...shared, label: "string" })).toEqual([]);
  for (const open of [fsStorage, fsNames]) {
    expect(await wrongTypeProblems(open, sound, { ...shared, largestContent: "" })).toEqual([]);
  }
  const fromUri = (options: never) => fsRemoteFromUri("file:///srv/log", options);
  const { root: _, ...ofUri } = shared;
  expect(await wrongTypeProblems(fromUri, {}, { ...ofUri, label: "string" })).toEqual([]);
  for (const uri of [undefined, null, 7, [], {}]) {
    expect(() => fsRemoteFromUri(uri as never)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
    );
  }
});
