import { expect, test } from "vitest";
import { Promises } from "../../src/hunt/promises.ts";
import { Violation } from "../../src/hunt/violation.ts";

const LOG = "ab".repeat(32);

function head(size: number, root: string, manifest = ""): Uint8Array {
  return new TextEncoder().encode(
    `before remote-log/v1/${LOG}${manifest}\n${size}\n${root.repeat(43)}=\n and after`,
  );
}

function rule(act: (promises: Promises) => void): string | undefined {
  const promises = new Promises();
  promises.submit("one");
  promises.acknowledge("one", 0);
  promises.submit("two");
  promises.acknowledge("two", 1);
  try {
    act(promises);
    return undefined;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return error.rule;
  }
}

test.each<[string, (promises: Promises) => void]>([
  [
    "number-given-twice",
    (all) => {
      all.submit("x");
      all.acknowledge("x", 1);
    },
  ],
  [
    "two-roots-signed",
    (all) => {
      all.sent(head(2, "A"));
      all.sent(head(2, "B"));
    },
  ],
  [
    "two-roots-signed",
    (all) => {
      all.sent(head(2, "A", "/manifest"));
      all.sent(head(2, "B", "/manifest"));
    },
  ],
  ["content-never-appended", (all) => all.read(0, "forged", "bob")],
  ["wrong-number", (all) => all.read(1, "one", "bob")],
  [
    "two-histories-read",
    (all) => {
      all.submit("x");
      all.submit("y");
      all.read(5, "x", "bob");
      all.read(5, "y", "carol");
    },
  ],
  ["kept-entry-missing", (all) => all.missed(1, "bob")],
  ["entry-twice", (all) => all.checkWhole(["one", "two", "one"], "bob")],
  ["acknowledged-entry-lost", (all) => all.checkWhole(["one"], "bob")],
  [
    "removed-entry-there",
    (all) => {
      all.beginRemoval(["one"]);
      all.endRemoval(["one"]);
      all.checkWhole(["one", "two"], "bob");
    },
  ],
])("a broken promise is told: %s", (expected, act) => {
  expect(rule(act)).toBe(expected);
});

test.each<[string, (promises: Promises) => void]>([
  ["all is there", (all) => all.checkWhole(["one", "two"], "bob")],
  [
    "what was never acknowledged may be there or not",
    (all) => {
      all.submit("x");
      all.checkWhole(["one", "two", "x"], "bob");
      all.checkWhole(["one", "two"], "bob");
    },
  ],
  [
    "a removal that has begun may have happened",
    (all) => {
      all.beginRemoval(["one"]);
      all.missed(0, "bob");
      all.checkWhole(["two"], "bob");
      all.checkWhole(["one", "two"], "bob");
    },
  ],
  [
    "the same head is sent again, and a larger one",
    (all) => {
      all.sent(head(2, "A"));
      all.sent(head(2, "A"));
      all.sent(head(3, "B"));
      all.sent(head(2, "B", "/manifest"));
    },
  ],
  [
    "a device was put back: what it had since may be lost, and its number is given again",
    (all) => {
      all.putBack(1);
      all.submit("x");
      all.acknowledge("x", 1);
      all.checkWhole(["one", "x"], "bob");
    },
  ],
  [
    "a device gave up: what it alone had may be lost",
    (all) => {
      all.submit("b 0");
      all.acknowledge("b 0", 2);
      all.giveUp("b");
      all.checkWhole(["one", "two"], "bob");
    },
  ],
])("no promise is broken: %s", (_, act) => {
  expect(rule(act)).toBeUndefined();
});
