// What the shell of a name resolver says: names in messages, what it can do, and what an answer is.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import {
  defineNames,
  failureOf,
  nameConflict,
  type OperationContext,
  shownName,
  watchBySubscribing,
} from "../../src/adapter/index.ts";
import { type NameResolver, UnreachableError } from "../../src/index.ts";
import { nameDriver } from "./fake-drivers.ts";

const content = new Uint8Array([1, 2, 3]);
const fails = (): Promise<never> => Promise.reject(new TypeError("fetch failed"));

test.each([
  ["a short one, in quotes", "alice", '"alice"'],
  ["one that is as long as a line", "n".repeat(110), `"${"n".repeat(110)}"`],
  ["a longer one, up to there", `begin${"n".repeat(106)}`, `"begin${"n".repeat(105)}…"`],
  ["what is no text, not at all: it may be a secret", 7, "…"],
  ["nothing", undefined, "…"],
])("a message shows a name: %s", (_what, name, shown) => {
  expect(shownName(name)).toBe(shown);
});

test.each([
  ["update", "updating", (n: NameResolver) => n.update("alice", content, { expected: null })],
  ["resolve", "resolving", (n: NameResolver) => n.resolve("alice")],
  ["watch", "watching", (n: NameResolver) => n.watch!("alice")[Symbol.asyncIterator]().next()],
])(
  "a failure of %s is translated with the operation, and with what was done and where",
  async (name, verb, act) => {
    for (const [preposition, place] of [
      [undefined, "at the fake service"],
      ["in", "in the fake service"],
    ] as const) {
      const translate = vi.fn<(error: unknown, context: OperationContext) => unknown>((cause, context) =>
        failureOf("denied", context, { cause }),
      );
      const all = { update: fails, resolve: fails, watch: watchBySubscribing(fails) };
      const { driver } = nameDriver({ ...all, translate, ...(preposition && { preposition }) });
      expect(await failure(act(defineNames(driver)))).toMatchObject({ code: "ERR_DENIED" });
      const context = { operation: `names.${name}`, action: `${verb} the name "alice" ${place}` };
      expect(translate.mock.calls[0]![1]).toMatchObject(context);
    }
  },
);

test("a resolver has a watch just if its driver has one, and says so", () => {
  const plain: NameResolver = defineNames(nameDriver().driver);
  expect([plain.capabilities.watch, "watch" in plain]).toEqual([false, false]);
  const watch = watchBySubscribing(async () => () => undefined);
  const able = defineNames(nameDriver({ watch }).driver);
  expect([able.capabilities.watch, typeof able.watch]).toEqual([true, "function"]);
  expect(Object.isFrozen(able.capabilities)).toBe(true);
});

test("a name that is no text is not watched", async () => {
  const subscribe = vi.fn<() => Promise<() => void>>(async () => () => undefined);
  const names = defineNames(nameDriver({ watch: watchBySubscribing(subscribe) }).driver);
  for (const name of [7, "\ud800"])
    expect(
      await failure(
        names
          .watch(name as never)
          [Symbol.asyncIterator]()
          .next(),
      ),
    ).toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "names.watch",
    });
  expect(subscribe).not.toHaveBeenCalled();
});

test("a content over the limit says what to do about it: the driver's words, or else those of the shell", async () => {
  const words = async (tooLarge?: string): Promise<string> => {
    const { driver } = nameDriver(tooLarge === undefined ? {} : { tooLarge });
    return (await failure(defineNames(driver).update("name", new Uint8Array(101), { expected: null })))
      .message;
  };
  expect(await words()).toMatch(/ Store it as a content, and let the name point at it\.$/);
  expect(await words("Use a pointer.")).toMatch(/ Use a pointer\.$/);
});

test("a conflict says what was expected: that the name is new, or a revision", () => {
  const context = { operation: "names.update", action: "updating" };
  expect(nameConflict(null, context).message).toContain("the name does not exist yet, and that is not so");
  expect(nameConflict("7", context).message).toContain('the name holds the revision "7", and that is not so');
});

test("a content that comes with the revision that is known is unchanged, and is not looked at", async () => {
  const { driver, held } = nameDriver();
  held.set("name", { content: new Uint8Array(50), revision: "7" });
  const names = defineNames(driver);
  expect(await names.resolve("name", { known: "7", maxBytes: 1 })).toEqual({
    status: "unchanged",
    revision: "7",
  });
  expect(await failure(names.resolve("name", { maxBytes: 1 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
});

test.each([
  ["nobody asked about", { revision: "7" }, {}],
  ["is about another revision", { revision: "7" }, { known: "8" }],
  ["tells no revision", {}, {}],
])("an unchanged that %s is no answer, and no fault of the driver's", async (_what, answer, options) => {
  const translate = vi.fn<() => Error>(() => new UnreachableError("no", { operation: "names.resolve" }));
  const resolve = async () => ({ status: "unchanged", ...answer }) as never;
  const names = defineNames(nameDriver({ resolve, translate }).driver);
  expect(await failure(names.resolve("name", options))).toMatchObject({
    code: "ERR_UNREACHABLE",
    message: expect.stringContaining("was not asked about a change"),
  });
  expect(translate).not.toHaveBeenCalled();
});
