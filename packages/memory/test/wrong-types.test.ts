// Every option with every wrong type is refused, with what is expected.

import { wrongTypeProblems } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { memoryNames, memoryRemote, memoryStorage } from "../src/index.ts";

test("memoryRemote, memoryStorage and memoryNames", async () => {
  expect(await wrongTypeProblems(memoryRemote, {}, { label: "string" })).toEqual([]);
  expect(await wrongTypeProblems(memoryStorage, {}, { largestContent: "number", contents: "" })).toEqual([]);
  expect(await wrongTypeProblems(memoryNames, {}, { largestContent: "number", table: "" })).toEqual([]);
});
