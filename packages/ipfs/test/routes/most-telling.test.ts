import { DeniedError, NotFoundError, UnreachableError } from "@remote-log/core";
import { expect, test } from "vitest";
import { mostTelling } from "../../src/routes/most-telling.ts";

const given = { operation: "storage.get" };
const absent = new NotFoundError("absent", given);
const denied = new DeniedError("denied", given);
const foreign = new Error("foreign");
const down = new UnreachableError("down", given);
const later = new UnreachableError("down as well", given);

test.each([
  ["one that may pass, before one that is final", [denied, down, later], down],
  ["one that is final, before an absence", [absent, denied], denied],
  ["a foreign error, before an absence", [absent, foreign], foreign],
  ["the first of its kind", [foreign, denied], foreign],
  ["an absence, if there is nothing else", [absent], absent],
  ["nothing, of nothing", [], undefined],
])("of several failures the one that tells most is %s", (_which, failures, chosen) => {
  expect(mostTelling(failures)).toBe(chosen);
});
