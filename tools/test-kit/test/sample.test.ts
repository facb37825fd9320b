import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";

const items = Array.from({ length: 100 }, (_, index) => index);
const draw = (seed: number, label = "a label") => sample(label, items, 10, { seed, all: false });

test("a sample has the size that was asked for, in order, and nothing twice", () => {
  for (let seed = 0; seed < 50; seed++) {
    const chosen = draw(seed);
    expect(new Set(chosen).size).toBe(10);
    expect(chosen).toEqual(chosen.toSorted((a, b) => a - b));
  }
});

test("the same seed and label draw the same, and others draw something else", () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(8)).not.toEqual(draw(7));
  expect(draw(7, "another label")).not.toEqual(draw(7));
});

test("over many seeds every item is drawn", () => {
  const drawn = new Set(Array.from({ length: 200 }, (_, seed) => draw(seed)).flat());
  expect(drawn.size).toBe(items.length);
});

test("nothing is left out if everything is to be tried, or if there is not more", () => {
  expect(sample("all", items, 10, { all: true })).toEqual(items);
  expect(sample("few", [1, 2], 10, { all: false })).toEqual([1, 2]);
});
