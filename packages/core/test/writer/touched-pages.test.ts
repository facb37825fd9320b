// Which pages and nodes a removal touches.

import { expect, test } from "vitest";
import { defaultSettings } from "../../src/log/genesis.ts";
import { nodeOf, pagesOf } from "../../src/writer/touched-pages.ts";

test.each([
  [[], []],
  [[{ first: 0, count: 1 }], [0]],
  [[{ first: 3, count: 1 }], [0]],
  [[{ first: 3, count: 2 }], [0, 1]],
  [[{ first: 4, count: 4 }], [1]],
  [[{ first: 5, count: 8 }], [1, 2, 3]],
  // Each page once, in order.
  [
    [
      { first: 1, count: 1 },
      { first: 3, count: 3 },
      { first: 7, count: 1 },
      { first: 21, count: 1 },
    ],
    [0, 1, 5],
  ],
  // The newest entries are in no page.
  [[{ first: 22, count: 9 }], [5]],
  [[{ first: 24, count: 9 }], []],
])("of entries %j, in six pages of four: %j", (ranges, pages) => {
  expect([...pagesOf(ranges, 4, 6)]).toEqual(pages);
});

test("a node holds as many pages as the fan-out says", () => {
  const genesis = { ...defaultSettings, fanOut: 8, signingKey: new Uint8Array(32) };
  expect([0, 7, 8, 17].map((page) => nodeOf(page, genesis))).toEqual([0, 0, 1, 2]);
});
