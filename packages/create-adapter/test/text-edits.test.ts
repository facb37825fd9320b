import { expect, test } from "vitest";
import { dependencyAdded, lineAdded } from "../src/text-edits.ts";

const list = '[\n  { "path": "packages/memory" },\n  { "path": "packages/fs" }\n]\n';
const like = /^ *\{ "path": "packages\/memory" \},$/m;

test("a line is added behind the one that it is like, and nothing else changes", () => {
  const added = lineAdded(list, like, ["memory", "store"]);
  expect(added).toBe(list.replace("},\n", '},\n  { "path": "packages/store" },\n'));
});

test("a line that is there already is not added again", () => {
  const added = lineAdded(list, like, ["memory", "store"])!;
  expect(lineAdded(added, like, ["memory", "store"])).toBe(added);
});

test("if the line is not found, or found twice, nothing is guessed", () => {
  expect(lineAdded("[]\n", like, ["memory", "store"])).toBeUndefined();
  expect(lineAdded(list + list, like, ["memory", "store"])).toBeUndefined();
});

test("a dependency takes its place in the alphabet", () => {
  const manifest = `${JSON.stringify({ name: "x", dependencies: { a: "1", c: "1" }, private: true }, undefined, 2)}\n`;
  const added = dependencyAdded(manifest, "b", "2")!;
  expect(Object.entries(JSON.parse(added).dependencies)).toEqual([
    ["a", "1"],
    ["b", "2"],
    ["c", "1"],
  ]);
  expect(added).toBe(manifest.replace('"c"', '"b": "2",\n    "c"'));
});

test("a manifest without dependencies, or in a form of its own, is left alone", () => {
  expect(dependencyAdded('{\n  "name": "x"\n}\n', "b", "2")).toBeUndefined();
  expect(dependencyAdded('{ "dependencies": {} }\n', "b", "2")).toBeUndefined();
});
