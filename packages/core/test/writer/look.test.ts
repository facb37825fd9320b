// What a look at a name shows, in the terms in which the writer decides; and whose head it is that shows.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import {
  Address,
  ClosedError,
  DeniedError,
  generateSeed,
  NotPropagatedError,
  type Remote,
  type Resolution,
  rawSha256,
  StaleError,
  UnreachableError,
} from "../../src/index.ts";
import { contentHash } from "../../src/journal/remote-records.ts";
import { encodeHeadPointer, verifyHead } from "../../src/log/head.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { nameContent } from "../../src/remote/name-content.ts";
import {
  conflict,
  gone,
  judgeHead,
  noHead,
  notKept,
  type OwnHistory,
  restored,
} from "../../src/writer/foreign-head.ts";
import { type Known, look, readBack } from "../../src/writer/look.ts";
import { idShownBy, isUnknownOutcome, newRemoteId } from "../../src/writer/remote-state.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { text } from "./log-contents.ts";

const { signal } = new AbortController();
// Nothing is signed here.
const unusedKey = undefined as never;
let log: WrittenLog;
/** What another device made of the first five entries. */
let other: WrittenLog;

beforeAll(async () => {
  const seed = generateSeed();
  log = await writeLog(contents(17), { seed, settings: smallCuts, publishAt: [0, 5, 9] });
  other = await writeLog(contents(17, " elsewhere", 5), { seed, settings: smallCuts, publishAt: [5, 9] });
});

const at = (size: number, of = log): Uint8Array => of.heads.get(size)!;

function treeOf(size: number): CompactRange {
  const tree = CompactRange.empty();
  for (const content of log.entries.slice(0, size)) {
    const hash = rawSha256.digest(content) as Uint8Array;
    tree.appendLeaf(leafHashOf(hash, hash));
  }
  return tree;
}

/** The history of a journal with a number of entries, of which some were signed. */
const history = (size: number, signed?: number): OwnHistory => ({
  logId: log.logId,
  size,
  signed: signed === undefined ? undefined : { size: signed, root: treeOf(signed).root() },
  prefix: async (to) => treeOf(to),
  manifests: {
    version: 0,
    signed: undefined,
    isOwn: () => false,
    signing: { successions: [], key: unusedKey },
  },
  newestKey: 0,
});

const remoteOf = (of = log, head?: Uint8Array) => scriptedRemote(of.contents, head, { label: "the remote" });
const judge = (content: Uint8Array, own: OwnHistory, firstLook = true, remote: Remote = remoteOf(other)) =>
  judgeHead(remote, content, own, firstLook, signal);

test("a head that this journal has the entries of is its own, whatever its size", async () => {
  for (const size of [0, 5, 9, 17]) {
    const judged = await judge(at(size), history(17, 17));
    expect(judged).toMatchObject({ kind: "own", head: { checkpoint: { size } } });
  }
});

test("a head of entries that the journal does not have is foreign; whether it extends what was signed matters at first", async () => {
  for (const [size, signed, extendsSigned] of [
    [9, 5, true],
    [5, undefined, true],
    [5, 0, true],
    [16, 5, true],
    [16, 9, false],
    [16, 16, false],
  ] as const) {
    const content = size === 16 ? at(17, other) : at(17);
    const own = size === 16 ? history(16, signed) : history(size, signed);
    const remote = remoteOf(size === 16 ? other : log);
    expect(await judge(content, own, true, remote)).toMatchObject({ kind: "foreign", extendsSigned });
    expect(await judge(content, own, false, remote)).toMatchObject({ kind: "foreign", extendsSigned: false });
  }
  // No larger than what was signed, and another one: nothing is asked.
  const remote = remoteOf(other);
  expect(await judge(at(9, other), history(9, 9), true, remote)).toMatchObject({
    kind: "foreign",
    extendsSigned: false,
  });
  const shorter = await judge(at(9, other), history(17, 17), true, remote);
  expect(shorter).toMatchObject({ kind: "foreign", extendsSigned: false });
  expect(remote.storage.reads).toEqual([]);
});

test("a storage that does not show what decides it may have an extension; an abort and a fault of the program are told", async () => {
  const withholding = scriptedRemote(new Map());
  expect(await judge(at(17), history(9, 5), true, withholding)).toMatchObject({ extendsSigned: true });
  const bug = new TypeError("not a function");
  withholding.storage.before = () => Promise.reject(bug);
  expect(await failure(judge(at(17), history(9, 5), true, withholding))).toBe(bug);
  // A writer that is closed aborts with an error of this framework.
  for (const reason of ["gave up", new ClosedError("closed", { operation: "writer.close" })]) {
    const controller = new AbortController();
    withholding.storage.before = () => {
      controller.abort(reason);
      return Promise.reject(new UnreachableError("no", { operation: "storage.get", retry: "safe" }));
    };
    const judging = judgeHead(withholding, at(17), history(9, 5), true, controller.signal);
    expect(await failure(judging)).toBe(reason);
  }
});

test("what is no head of this log is told as such; what can't be read is not", async () => {
  const stranger = await writeLog(contents(3));
  for (const [content, code] of [
    [text("hello"), "ERR_MALFORMED"],
    [stranger.head, "ERR_INTEGRITY"],
  ] as const)
    expect(await judge(content, history(17))).toMatchObject({ kind: "no-head", cause: { code } });
  const pointer = pointerTo(new Uint8Array(40).fill(1));
  expect(await failure(judge(pointer, history(17)))).toMatchObject({ code: "ERR_NOT_FOUND" });
});

function pointerTo(bytes: Uint8Array): Uint8Array {
  return encodeHeadPointer(Address.create(0x55, 0x12, rawSha256.digest(bytes) as Uint8Array));
}

interface Shown {
  readonly shows: Resolution | Error;
  readonly known?: Partial<Known>;
  /** What a second question, with the revision that is known, gets. */
  readonly then?: Resolution | Error;
  readonly name?: string;
}

const published = { size: 9, revision: "r", content: "" };

/** Looks at a name that shows this. */
function looking({ shows, known = {}, then }: Shown) {
  const remote = remoteOf();
  const asked: object[] = [];
  remote.names.resolve = async (name, options) => {
    const { signal: _, ...rest } = options!;
    asked.push({ name, ...rest });
    const answer = asked.length > 1 && then !== undefined ? then : shows;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const all: Known = {
    published: undefined,
    intent: undefined,
    own: history(17, 17),
    firstLook: true,
    ...known,
  };
  const options = { remote, name: "the name", known: () => all };
  return { look: () => look(options, signal), readBack: () => readBack(options, signal), asked, remote };
}

const found = (content: Uint8Array, more: object = {}): Resolution => ({
  status: "found",
  content,
  revision: "new",
  ...more,
});

test("a look asks once, for as much as the name may hold", async () => {
  const { look: go, asked, remote } = looking({ shows: { status: "absent" } });
  await go();
  expect(asked).toEqual([{ name: "the name", maxBytes: remote.names.capabilities.largestContent }]);
});

test("nothing under the name, with its place or without; or still what was known", async () => {
  for (const [placeMissing, expected] of [
    [undefined, false],
    [true, true],
  ] as const) {
    const { look: go, remote } = looking({
      shows: { status: "absent", ...(placeMissing && { placeMissing }) },
    });
    const { seen, content, refusal } = await go();
    expect([seen, content]).toEqual([{ kind: "absent", placeMissing: expected }, undefined]);
    expect(refusal!("gone")).toMatchObject({ code: gone(remote).code, reason: "gone", retry: "safe" });
  }
  expect(await looking({ shows: { status: "unchanged", revision: "r" } }).look()).toEqual({
    seen: { kind: "unchanged" },
  });
});

test("an answer that is out of date, or of which a part is missing, is a look; any other failure is not", async () => {
  const stale = new StaleError("old", { operation: "names.resolve" });
  const outOfDate = await looking({ shows: stale }).look();
  expect([outOfDate.seen, outOfDate.refusal!("unreadable")]).toEqual([{ kind: "stale" }, stale]);
  const missing = new NotPropagatedError("not yet", { operation: "storage.get" });
  for (const [known, then, holdsPublished, questions] of [
    [{ published }, { status: "unchanged", revision: "r" }, true, 2],
    [{ published }, found(text("else")), false, 2],
    [{}, undefined, false, 1],
    [{ published, intent: { size: 9, content: text("x") } }, undefined, false, 1],
  ] as const) {
    const { look: go, asked } = looking({ shows: missing, known, ...(then && { then }) });
    const { seen, refusal } = await go();
    expect([seen, refusal!("unreadable")]).toEqual([{ kind: "incomplete", holdsPublished }, missing]);
    expect(asked).toHaveLength(questions);
    if (questions === 2) expect(asked[1]).toMatchObject({ known: "r" });
  }
  for (const error of [new DeniedError("no", { operation: "names.resolve" }), new TypeError("a bug")])
    expect(await failure(looking({ shows: error }).look())).toBe(error);
  expect(await failure(looking({ shows: missing }).readBack())).toBe(missing);
});

test("what shows is what was intended, what was published, or another head of ours", async () => {
  const content = at(9);
  const intent = { size: 9, content };
  const intended = await looking({ shows: found(content), known: { intent } }).look();
  expect(intended).toEqual({ seen: { kind: "intended", revision: "new" }, content });
  // After an acknowledgement nothing is on its way.
  expect((await looking({ shows: found(content), known: { intent } }).readBack()).seen).toMatchObject({
    kind: "own",
    size: 9,
  });
  for (const expired of [undefined, true]) {
    const shows = found(content, expired ? { expired } : {});
    const known = { published: { ...published, content: contentHash(content) } };
    expect(await looking({ shows, known }).look()).toEqual({
      seen: { kind: "published", revision: "new", expired: expired ?? false },
      content,
    });
  }
  const own = await looking({ shows: found(at(5)), known: { intent, published } }).look();
  expect(own).toEqual({ seen: { kind: "own", revision: "new", size: 5 }, content: at(5) });
});

test("a head that a former key signed beside the log is as good as none: it is replaced", async () => {
  const own = history(9, 9);
  const successions = [{ note: "the later key" }] as never;
  const known = {
    own: { ...own, manifests: { ...own.manifests, signing: { successions, key: unusedKey } } },
  };
  const { seen, content, refusal } = await looking({ shows: found(at(9, other)), known }).look();
  expect([seen, content, refusal]).toEqual([
    { kind: "own", revision: "new", size: 0 },
    at(9, other),
    undefined,
  ]);
});

test("a foreign head is refused as what it tells: an old journal, or a second device", async () => {
  const known = { own: history(5, 5) };
  const { seen, refusal, content } = await looking({ shows: found(at(17)), known }).look();
  expect([seen, content]).toEqual([{ kind: "foreign", extendsSigned: true }, undefined]);
  expect(refusal!("restored")).toMatchObject({ code: "ERR_RESTORED", local: 5, published: 17 });
  expect(refusal!("conflict")).toMatchObject({
    code: "ERR_CONFLICT",
    foreign: (await verifyHead(at(17), log.logId)).bytes,
  });
  // Read back, it is a second device, whatever it extends.
  const { seen: again } = await looking({ shows: found(at(17)), known }).readBack();
  expect(again).toEqual({ kind: "foreign", extendsSigned: false });
  const { seen: nothing, refusal: no } = await looking({ shows: found(text("hello")) }).look();
  expect(nothing).toEqual({ kind: "no-head" });
  expect(no!("no-head")).toMatchObject({ code: "ERR_INTEGRITY", cause: { code: "ERR_MALFORMED" } });
});

test("each refusal says which remote it is about, and what to do", async () => {
  const remote = remoteOf();
  const head = await verifyHead(at(17), log.logId);
  const cause = new UnreachableError("no", { operation: "storage.get", retry: "safe" });
  for (const [error, code, words] of [
    [
      restored(remote, head, history(9, 5)),
      "ERR_RESTORED",
      ["17 entries", "9 entries, 5 of them signed", "recover()"],
    ],
    [restored(remote, head, history(9)), "ERR_RESTORED", ["0 of them signed"]],
    [conflict(remote, head, history(9)), "ERR_CONFLICT", ["17 entries", "another device"]],
    [gone(remote), "ERR_REMOTE_CHANGED", ["repair()"]],
    [notKept(remote, cause), "ERR_REMOTE_CHANGED", ["repair()"]],
    [noHead(remote, cause), "ERR_INTEGRITY", ["recover()"]],
  ] as const) {
    expect(error.code).toBe(code);
    for (const word of ["the remote", ...words]) expect(error.message).toContain(word);
  }
  expect(notKept(remote, cause)).toMatchObject({ reason: "not-kept", cause, retry: "never" });
});

test("an update may have taken effect unless a refusal says that it has not", () => {
  const operation = "names.update";
  for (const [error, expected] of [
    [new DeniedError("no", { operation }), false],
    [new UnreachableError("no answer", { operation, retry: "safe" }), true],
    [new TypeError("fetch failed"), true],
    [Object.assign(new DeniedError("no", { operation }), { code: "ERR_NAME_CONFLICT" }), true],
  ] as const)
    expect(isUnknownOutcome(error)).toBe(expected);
});

test("an id of a place is new each time, and is read from what its name holds", async () => {
  const ids = Array.from({ length: 10 }, () => Buffer.from(newRemoteId()).toString("hex"));
  expect(new Set(ids).size).toBe(10);
  expect(idShownBy(at(5))).toBeNull();
  const id = newRemoteId();
  expect(idShownBy(await nameContent(remoteOf(), at(5), signal, id))).toBe(Buffer.from(id).toString("hex"));
});
