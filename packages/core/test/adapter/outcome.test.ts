// A failed read says nothing of a write, and a failed write says that its outcome is unknown exactly if it is.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type FailureKind, failureOf, Lifetime, withDeadline } from "../../src/adapter/index.ts";

const reads = [
  "storage.get",
  "storage.has",
  "storage.list",
  "storage.health",
  "names.resolve",
  "names.watch",
  "names.record",
  "ipns.get",
  "reader.sync",
];
const writes = ["storage.put", "storage.delete", "storage.release", "names.update", "ipns.put"];
const operations = [
  ...reads.map((operation) => ({ operation, writes: false })),
  ...writes.map((operation) => ({ operation, writes: true })),
];
const SENTENCE = "The outcome of the write is unknown.";

const kinds: readonly (readonly [FailureKind, boolean])[] = [
  ["unreachable", true],
  ["timeout", true],
  ["busy", false],
  ["denied", false],
  ["quota", false],
  ["too-large", false],
  ["unsupported", false],
  ["invalid", false],
];

test.each(operations)("what failed of $operation says what is known of a write", async (one) => {
  const { operation } = one;
  const context = { operation, action: "asking db.example" };
  for (const [kind, unknown] of kinds) {
    for (const what of [undefined, "it is the wrong door"]) {
      const { message } = failureOf(kind, context, { what });
      expect(message.includes(SENTENCE), `${kind}: ${message}`).toBe(unknown && one.writes);
      expect(/outcome/.test(message.replace(SENTENCE, "")), message).toBe(false);
    }
    expect(failureOf(kind, context, { outcome: "none" }).message).not.toContain("outcome");
    expect(failureOf(kind, context, { outcome: "unknown" }).message.includes("outcome")).toBe(one.writes);
  }

  const never = (): Promise<never> => new Promise(() => undefined);
  const late = withDeadline({ milliseconds: 1, operation, backend: "db.example" }, never);
  const { message } = await failure(late);
  expect(message).toBe(
    `db.example gave no answer within 1 ms.${one.writes ? ` ${SENTENCE}` : ""} Try again, or allow more time.`,
  );

  const lifetime = new Lifetime({ what: "storage", translate: (error) => error });
  const cut = failure(lifetime.run(context, undefined, never));
  await lifetime.close();
  expect((await cut).message.includes(SENTENCE)).toBe(one.writes);
  expect((await cut).message).toContain("was closed before asking db.example had ended.");
});
