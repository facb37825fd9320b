// Sources that are silent: what the mirroring ends with is about them, and not about what the target lacks.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mirrorLog, openReader, TimeoutError } from "../../src/index.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, writeLog } from "../reader/written-log.ts";
import { logAt, makeTarget, mirrorFrom } from "./target.ts";

// Nobody waits for retries.
beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

test("if every source is silent, the error is theirs, also if the target answered that it lacks something", async () => {
  const log = await writeLog(contents(29), { settings: foldingCuts, publishAt: [13] });
  const target = makeTarget();
  await mirrorFrom(logAt(log, 13), target);
  const held = target.table.values.get(log.logId);
  const sources = ["one", "other"].map((label) => scriptedRemote(log.contents, log.head, { label }));
  const reader = await openReader({
    logId: log.logId,
    remotes: sources,
    retries: 0,
    // The target is asked while the sources are silent, and answers first.
    limits: { patienceMilliseconds: 1 },
  });
  await reader.sync();
  for (const { storage } of sources) {
    storage.before = async () => {
      await new Promise((resolve) => setTimeout(resolve, 8));
      throw new TimeoutError("The source did not answer in time.", { operation: "storage.get" });
    };
  }
  expect(await failure(mirrorLog({ reader, to: target.remote, retries: 0 }))).toMatchObject({
    code: "ERR_TIMEOUT",
    message: "The source did not answer in time.",
  });
  expect(target.table.values.get(log.logId)).toBe(held);
  await reader.close();
});
