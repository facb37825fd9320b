// Paths of C2SP tlog-tiles.

import { expect, test } from "vitest";
import { parseTilePath, widthIn } from "../src/leaves.ts";

test.each([
  ["0/000", { level: 0, index: 0, width: 256 }],
  ["entries/000.p/1", { level: "entries", index: 0, width: 1 }],
  ["63/x001/x234/067.p/255", { level: 63, index: 1_234_067, width: 255 }],
  ["1/x001/000", { level: 1, index: 1000, width: 256 }],
])("%s is read", (path, tile) => {
  expect(parseTilePath(path)).toEqual(tile);
});

test.each([
  "",
  "0",
  "0/0",
  "0/00",
  "0/0000",
  "00/000",
  "64/000",
  "0/x000/000",
  "0/001/000",
  "0/x001",
  "0/x001/x002",
  "0/000.p/0",
  "0/000.p/256",
  "0/000.p/01",
  "0/000.p/",
  "0/000/",
  "data/000",
  "entries/-01",
  `0/${"x999/".repeat(9)}999`,
])("%s is no path of a tile", (path) => {
  expect(parseTilePath(path)).toBeUndefined();
});

test("a tree of 70,000 entries has the tiles that the specification counts", () => {
  const width = (level: number | "entries", index: number): number =>
    widthIn({ level, index, width: 256 }, 70_000);
  expect([width(0, 272), width(0, 273), width(0, 274)]).toEqual([256, 112, 0]);
  expect([width(1, 0), width(1, 1), width(1, 2)]).toEqual([256, 17, 0]);
  expect([width(2, 0), width(2, 1), width(3, 0)]).toEqual([1, 0, 0]);
  expect([width("entries", 273), widthIn({ level: 1, index: 0, width: 1 }, 256)]).toEqual([112, 1]);
});
