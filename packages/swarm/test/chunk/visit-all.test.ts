import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { visitAll } from "../../src/chunk/visit-all.ts";

const below: Record<string, string[]> = { a: ["a1", "a2"], a1: ["a11"], b: ["b1"] };

test("what was found last is visited first, each list in its order", async () => {
  const visited: string[] = [];
  await visitAll(["a", "b"], 1, async (thing) => {
    visited.push(thing);
    return below[thing] ?? [];
  });
  expect(visited).toEqual(["a", "a1", "a11", "a2", "b", "b1"]);
});

test("nothing to visit is an end", async () => {
  const visiting = visitAll([], 1, () => Promise.reject(new Error("nothing is visited")));
  await expect(visiting).resolves.toBeUndefined();
});

test("after a failure nothing new begins", async () => {
  const visited: string[] = [];
  const broken = new Error("broken");
  const ends: (() => void)[] = [];
  const visiting = visitAll(["a", "b", "c"], 2, async (thing) => {
    visited.push(thing);
    if (thing === "b") throw broken;
    await new Promise<void>((resolve) => ends.push(resolve));
    return ["d"];
  });
  expect(await failure(visiting)).toBe(broken);
  for (const end of ends) end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(visited).toEqual(["a", "b"]);
});
