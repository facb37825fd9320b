// What a record of a remote may say.

import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { isCount, isHeads, isObject, isRewrite } from "../../src/journal/record-checks.ts";

test.each([
  [{}, true],
  [[], true],
  [null, false],
  [undefined, false],
  ["text", false],
  [() => undefined, false],
])("something with fields: %s is one: %s", (value, expected) => {
  expect(isObject(value)).toBe(expected);
});

test.each([
  [0, true],
  [1, true],
  [2 ** 53 - 1, true],
  [2 ** 53, false],
  [-1, false],
  [0.5, false],
  [Number.NaN, false],
  ["1", false],
  [null, false],
])("a number of things: %s is one: %s", (value, expected) => {
  expect(isCount(value)).toBe(expected);
});

test.each<[unknown, boolean]>([
  [{ removed: [], unshown: true }, true],
  [
    {
      removed: [
        [0, 1],
        [7, 2],
      ],
      unshown: false,
    },
    true,
  ],
  [null, false],
  ["text", false],
  [{ removed: [] }, false],
  [{ removed: [], unshown: 1 }, false],
  [{ unshown: true }, false],
  [{ removed: { length: 0 }, unshown: true }, false],
  [{ removed: [7], unshown: true }, false],
  [{ removed: [null], unshown: true }, false],
  [{ removed: [[]], unshown: true }, false],
  [{ removed: [[1]], unshown: true }, false],
  [{ removed: [[1, 2, 3]], unshown: true }, false],
  [{ removed: [[1, -1]], unshown: true }, false],
  [
    {
      removed: [
        [0, 1],
        ["7", 2],
      ],
      unshown: true,
    },
    false,
  ],
  [{ removed: ["12"], unshown: true }, false],
])("what removals changed: %j says it: %s", (value, expected) => {
  expect(isRewrite(value)).toBe(expected);
});

const address = `${Address.create(0x55, 0x12, new Uint8Array(32))}`;

test.each<[unknown, boolean]>([
  [[], true],
  [
    [
      [address, 0],
      [address, 7],
    ],
    true,
  ],
  [{}, false],
  [null, false],
  [[7], false],
  [[null], false],
  [[{ 0: address, 1: 1, length: 2 }], false],
  [[[address]], false],
  [[[address, 1, 2]], false],
  [[[address, -1]], false],
  [[[address, "1"]], false],
  [[[7, 1]], false],
  [[["text", 1]], false],
  [
    [
      [address, 1],
      ["", 1],
    ],
    false,
  ],
])("heads that are objects: %j is a list of them: %s", (value, expected) => {
  expect(isHeads(value)).toBe(expected);
});
