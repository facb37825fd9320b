// How what a target's name holds compares with the state that is mirrored, if the log's key was replaced.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { type SupersededError, verifyForkEvidence } from "../../src/index.ts";
import { lookAtName } from "../../src/mirror/mirror-name.ts";
import { ScriptedNames } from "../reader/scripted-remote.ts";
import { rotatedLog, type Signed, treeOf } from "../tree/rotated-log.ts";

const { signal } = new AbortController();
let all: Signed[];

beforeAll(async () => {
  all = await rotatedLog();
});

/** The state of a number of keys whose last entry this is. */
const state = (last: string, keys: number): Signed =>
  all.find((one) => one.keys.length === keys && one.entries.at(-1) === last)!;

/** What a target that shows one state is, beside another one that is mirrored. */
function look(mirrored: Signed, shown: Signed) {
  const to = { label: "target", storage: shown.remote.storage, names: new ScriptedNames(shown.head.bytes) };
  return lookAtName(to, { view: treeOf(mirrored) }, (request) => request(), signal);
}

test("what a former key signed beside the log gives way to what its owner signed", async () => {
  const standing = await look(all.at(-1)!, state("thief 7", 0));
  expect(standing).toEqual({ kind: "older", revision: "1", manifest: all.at(-1)!.head.manifest });
});

test("what a former key signed beside the log is not put in the place of the owner's", async () => {
  const error = await failure<SupersededError>(look(state("thief 7", 0), all.at(-1)!));
  expect(error).toMatchObject({ code: "ERR_SUPERSEDED", operation: "mirror.name" });
  expect(error.message).toContain("The 8 entries");
  expect(await verifyForkEvidence(error.evidence!)).toMatchObject({ by: "former-key" });
});

test("of one state the head of the later key is the newer one", async () => {
  const [former, later] = [state("owner 5", 0), state("owner 5", 1)];
  expect((await look(former, later)).kind).toBe("newer");
  expect((await look(later, former)).kind).toBe("equal");
});
