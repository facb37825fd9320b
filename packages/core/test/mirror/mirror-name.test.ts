// How what a target's name holds compares with the state that is mirrored, and how the name is set.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test, vi } from "vitest";
import {
  ForkError,
  IntegrityError,
  NameConflictError,
  TooLargeError,
  UnreachableError,
  verifyForkEvidence,
} from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { lookAtName, setName } from "../../src/mirror/mirror-name.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage, scriptedRemote } from "../reader/scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "../reader/two-branches.ts";
import { contents, writeLog } from "../reader/written-log.ts";
import { makeTarget } from "./target.ts";

const { signal } = new AbortController();
const nothing: ReadonlyMap<string, Uint8Array> = new Map();
let branches: TwoBranches;

beforeAll(async () => {
  branches = await writeTwoBranches();
});

const headAt = (size: number): Uint8Array => branches.log.heads.get(size)!;

/** The state that is mirrored, with what its sources hold. */
async function mirrored(size: number, contents: ReadonlyMap<string, Uint8Array> = branches.objects) {
  const head = await verifyHead(headAt(size), branches.log.logId);
  return new TreeView(head, new ScriptedStorage(contents), defaultLimits, signal);
}

/** Looks at a target that shows a head, and counts what is asked of it. */
async function lookAt(
  view: TreeView,
  to: ReturnType<typeof scriptedRemote>,
): Promise<{ readonly standing: Awaited<ReturnType<typeof lookAtName>>; readonly requests: number }> {
  let requests = 0;
  const repeat = <T>(request: () => Promise<T>): Promise<T> => {
    requests++;
    return request();
  };
  return { standing: await lookAtName(to, { view }, repeat, signal), requests };
}

test("a name that holds nothing is older, and an update builds on nothing", async () => {
  const { standing } = await lookAt(await mirrored(70), scriptedRemote(nothing));
  expect(standing).toEqual({ kind: "older", revision: null });
});

test.each([
  [69, "older"],
  [70, "equal"],
])("a name at %i entries is %s than 70 that are mirrored, or as they are", async (size, kind) => {
  const to = scriptedRemote(branches.objects, headAt(size));
  const { standing } = await lookAt(await mirrored(70), to);
  expect(standing).toMatchObject({ kind, revision: "1", view: { size } });
});

test("a name that is ahead is newer, also if no source shows what it holds", async () => {
  const to = scriptedRemote(branches.objects, headAt(70));
  const { standing } = await lookAt(await mirrored(30, nothing), to);
  expect(standing).toMatchObject({ kind: "newer", revision: "1", view: { size: 70 } });
});

test("that a name is older is proven by the target, if the sources show it no more", async () => {
  const to = scriptedRemote(branches.objects, headAt(30));
  const { standing } = await lookAt(await mirrored(70, nothing), to);
  expect(standing).toMatchObject({ kind: "older", revision: "1", view: { size: 30 } });
});

test("a larger state that nobody can prove is unverified, and the cause says why", async () => {
  const to = scriptedRemote(nothing, headAt(70));
  const { standing } = await lookAt(await mirrored(30, branches.objects), to);
  expect(standing).toMatchObject({ kind: "unverified", revision: "1", cause: { code: "ERR_NOT_FOUND" } });
  expect(standing).not.toHaveProperty("view");
  // It is the target that claims it: its storage is asked, once for each object, and nobody else.
  expect(new Set(to.storage.reads).size).toBe(to.storage.reads.length);
});

test("a head that contradicts the log is a fork, told with its proof and with the target's label", async () => {
  const to = scriptedRemote(branches.objects, branches.branch.head, { label: "the mirror" });
  const error = await failure(lookAt(await mirrored(70), to));
  expect(error).toBeInstanceOf(ForkError);
  expect((error as ForkError).message).toContain("the mirror");
  expect(await verifyForkEvidence((error as ForkError).evidence)).toMatchObject({
    logId: branches.log.logId,
  });
});

test("the log's own name is asked for, or the one that the target has", async () => {
  const view = await mirrored(70);
  for (const name of [undefined, "copy"]) {
    const to = scriptedRemote(branches.objects, headAt(70));
    const resolve = vi.spyOn(to.names, "resolve");
    await lookAt(view, { ...to, ...(name !== undefined && { name }) });
    expect(resolve.mock.calls.map(([asked]) => asked)).toEqual([name ?? branches.log.logId]);
  }
});

test("no more bytes are accepted than a head may have, and than the name can hold", async () => {
  const view = await mirrored(70);
  for (const largestContent of [defaultLimits.headBytes - 1, defaultLimits.headBytes + 1]) {
    const to = scriptedRemote(branches.objects, headAt(70));
    Object.assign(to.names, { capabilities: { ...to.names.capabilities, largestContent } });
    await lookAt(view, to);
    expect(to.names.asked).toEqual([{ signal, maxBytes: Math.min(largestContent, defaultLimits.headBytes) }]);
  }
});

test("an answer that says that nothing changed, to nobody who knew anything, is none", async () => {
  const to = scriptedRemote(nothing);
  to.names.answer({ status: "unchanged", revision: "1" });
  const error = await failure(lookAt(await mirrored(70), to));
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error).toMatchObject({ operation: "mirror.name", retry: "safe" });
});

test.each([
  ["a text", (): Uint8Array => new TextEncoder().encode("hello"), "ERR_MALFORMED"],
  ["a head with another byte in it", (): Uint8Array => headAt(70).map((b, i) => (i === 60 ? b ^ 1 : b)), ""],
])("%s under the name is told as an integrity error with its cause", async (_, content, code) => {
  const error = await failure(lookAt(await mirrored(70), scriptedRemote(branches.objects, content())));
  expect(error).toBeInstanceOf(IntegrityError);
  expect(error).toMatchObject({ operation: "mirror.name", ...(code !== "" && { cause: { code } }) });
});

test("the head of another log under the name is an integrity error", async () => {
  const other = await writeLog(contents(1));
  const error = await failure(lookAt(await mirrored(70), scriptedRemote(nothing, other.head)));
  expect(error).toMatchObject({
    code: "ERR_INTEGRITY",
    operation: "mirror.name",
    cause: { code: "ERR_INTEGRITY" },
  });
});

test("what is no answer about the content stays what it is", async () => {
  // More bytes than a head may have: the name's own limit is larger.
  const to = scriptedRemote(nothing, new Uint8Array(defaultLimits.headBytes + 1));
  expect(await failure(lookAt(await mirrored(70), to))).toBeInstanceOf(TooLargeError);
  const silent = new UnreachableError("No.", { operation: "names.resolve" });
  to.names.fail(silent);
  expect(await failure(lookAt(await mirrored(70), to))).toBe(silent);
});

test.each([undefined, "copy"])(
  "a name is set that holds what it was seen to hold (name: %s)",
  async (name) => {
    const { log } = branches;
    const target = makeTarget();
    const to = { ...target.remote, ...(name !== undefined && { name }) };
    expect(await setName(to, log.logId, headAt(30), { expected: null, signal })).toBe(true);
    expect([...target.table.values.keys()]).toEqual([name ?? log.logId]);
    // By now it holds something: whoever expects nothing there learns so, and changes nothing.
    expect(await setName(to, log.logId, headAt(70), { expected: null, signal })).toBe(false);
    expect(target.table.values.get(name ?? log.logId)!.content).toEqual(headAt(30));
  },
);

test("a name that could not be set for another reason is told", async () => {
  const denied = new UnreachableError("No.", { operation: "names.update" });
  for (const [error, outcome] of [
    [denied, denied],
    [new NameConflictError("Another revision.", { operation: "names.update" }), false],
  ] as const) {
    const { remote } = makeTarget({
      around: (call, proceed) => (call.kind === "update" ? Promise.reject(error) : proceed()),
    });
    const set = setName(remote, branches.log.logId, headAt(30), { expected: null, signal });
    expect(await set.catch((thrown: unknown) => thrown)).toBe(outcome);
  }
});
