// What the table of the hostile server notices: clients that are harmed, each in its own way.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hostileAnswers, runHostileTable } from "../src/index.ts";

const module = fileURLToPath(new URL("./hostile-clients.mjs", import.meta.url));

const only = (...names: readonly string[]) => hostileAnswers.filter(({ name }) => names.includes(name));

test("names of answers are used once", () => {
  const names = hostileAnswers.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("each client that is harmed is told of, and one that is not is fine", async () => {
  const report = await runHostileTable({
    module,
    answers: only("302-chain", "403-endless"),
    operations: ["sound", "following redirects", "believing", "untyped"],
    codes: { sound: /^ERR_UNREACHABLE$/ },
    patienceMilliseconds: 100,
  });
  expect(report.cells).toBe(8);
  expect(report.complaints.toSorted()).toEqual([
    expect.stringMatching(/^302-chain: \d+ requests for 4 operations$/),
    "believing of 302-chain: it gave 302",
    "believing of 403-endless: it gave 403",
    expect.stringMatching(/^following redirects of 403-endless: .* and not ERR_DENIED$/),
    expect.stringMatching(/^untyped of 302-chain: .*It failed/),
    expect.stringMatching(/^untyped of 403-endless: .*It failed/),
  ]);
});

test("what never ends is told of: the operation, its connection, its process", async () => {
  const given = { module, answers: only("never"), operations: ["untyped"] };
  const { complaints } = await runHostileTable({ ...given, patienceMilliseconds: 10, hungMilliseconds: 300 });
  expect(complaints).toEqual([
    "untyped of never: it never ended",
    "still open: never",
    "something keeps the process of the client alive",
  ]);
});

test("what a client collects shows in its memory", async () => {
  const answers = only("500-endless");
  const { growth } = await runHostileTable({ module, answers, operations: ["collecting"] });
  expect(growth).toBeGreaterThan(150 * 1024 * 1024);
});
