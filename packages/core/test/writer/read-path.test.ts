// Reading back what a reader with nothing would need: what is asked, what is told as missing, and what is not known.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import {
  type Address,
  NotFoundError,
  type Remote,
  type StorageBackend,
  UnreachableError,
} from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { type PathOptions, type PathVerdict, readPath } from "../../src/writer/read-path.ts";
import { flipped } from "../reader/damage.ts";
import { kindsOf } from "../reader/forger.ts";
import { ScriptedStorage, scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

/** 22 pages of two entries: the head has a node that is begun, two full nodes above it, one page, and one entry. */
const SIZE = 45;

let log: WrittenLog;
/** By number: the pages, and the contents that the entries of each point at. */
let pages: string[];
let objects: string[];

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings: foldingCuts, largestEmbedded: 0, publishAt: [44] });
  const head = await verifyHead(log.head, log.logId);
  const view = new TreeView(
    head,
    new ScriptedStorage(log.contents),
    defaultLimits,
    new AbortController().signal,
  );
  pages = await Promise.all(
    Array.from({ length: view.pages }, async (_, i) => `${(await view.ref(0, i)).address}`),
  );
  const pairs = await Promise.all(
    Array.from({ length: view.pages }, async (_, i) => (await view.page(i)).pairs),
  );
  objects = [...pairs.flat(), ...head.pairs].map(({ place }) =>
    place.kind === "pointer" ? `${place.address}` : "",
  );
});

afterEach(() => {
  vi.restoreAllMocks();
});

interface Where {
  readonly lacks?: readonly string[];
  readonly spoiled?: readonly string[];
  readonly capabilities?: Partial<StorageBackend["capabilities"]>;
  readonly before?: ScriptedStorage["before"];
  readonly more?: Partial<PathOptions>;
}

async function read({ lacks = [], spoiled = [], capabilities = {}, before, more = {} }: Where = {}) {
  const held = new Map([...log.contents].filter(([text]) => !lacks.includes(text)));
  for (const text of spoiled) held.set(text, flipped(held.get(text)!, 3, 1));
  const scripted = scriptedRemote(held, log.head);
  const { storage } = scripted;
  if (before) storage.before = before;
  const asked: string[] = [];
  const locals: unknown[] = [];
  const remote: Remote = {
    ...scripted,
    storage: {
      name: "scripted",
      capabilities: { ...storage.capabilities, ...capabilities },
      get: (address, options) => {
        locals.push(options?.local);
        return storage.get(address, options);
      },
      has: async (address: Address) => {
        asked.push(`${address}`);
        return held.has(`${address}`);
      },
      put: () => expect.unreachable(),
    },
  };
  const options: PathOptions = {
    ...{
      remote,
      logId: log.logId,
      content: log.head,
      since: 0,
      edge: new Set<string>(),
      samples: 0,
      overdue: false,
    },
    ...more,
  };
  const verdict = await readPath(options, new AbortController().signal);
  return { verdict, reads: storage.reads, asked, locals };
}

const inOrder = (reads: readonly string[]): string[] => [...new Set(reads)].sort();
const kindOf = (text: string): string | undefined => kindsOf(log).get(text);
const nodes = (): string[] => [...kindsOf(log)].filter(([, kind]) => kind === "node").map(([text]) => text);
const lost = (verdict: PathVerdict): string[] =>
  verdict.kind === "damaged" ? verdict.objects.map(String) : ["whole"];

test("of a new log the first and the newest page are read, with a content of each and the newest entry's", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.99);
  const { verdict, reads } = await read();
  const { levels } = await verifyHead(log.head, log.logId);
  const begun = `${levels[0]!.node!.address}`;
  const first = nodes().filter((text) => text !== begun);
  // The last content of each page, at this draw; and of the two full nodes the one above the first page.
  expect(inOrder(reads.filter((text) => kindOf(text) !== "node"))).toEqual(
    inOrder([pages[0]!, objects[1]!, pages[21]!, objects[43]!, objects[44]!]),
  );
  expect(reads.filter((text) => first.includes(text))).toHaveLength(1);
  expect(reads).toContain(begun);
  expect(verdict).toEqual({ kind: "whole", edge: new Set([begun, pages[21]]) });
});

test("later the first new page is read, and the one before it; what was read of the right edge is not read again", async () => {
  const { verdict: first } = await read();
  if (first.kind !== "whole") throw new Error("It is damaged.");
  for (const draw of [0, 0.5]) {
    vi.spyOn(Math, "random").mockReturnValue(draw);
    const { reads } = await read({ more: { since: 36, edge: first.edge } });
    const ofPages = reads.filter((text) => kindOf(text) === "page");
    expect(inOrder(ofPages)).toEqual(inOrder([pages[17]!, pages[18]!]));
    const at = draw === 0 ? 0 : 1;
    expect(reads).toContain(objects[34 + at]);
    expect(reads).toContain(objects[36 + at]);
  }
  // Of a page that is half new, the new entry may be the one that is missing; the first page has none before it.
  for (const [since, expected] of [
    [37, [17, 18]],
    [2, [0, 1]],
    [1, [0]],
  ] as const) {
    const { reads } = await read({ more: { since, edge: first.edge } });
    const ofPages = reads.filter((text) => kindOf(text) === "page");
    expect(inOrder(ofPages)).toEqual(inOrder(expected.map((index) => pages[index]!)));
  }
  const { reads } = await read({ more: { since: 44, edge: first.edge } });
  expect(reads).toEqual([objects[44]]);
  expect((await read({ more: { since: SIZE, edge: first.edge } })).reads).toEqual([]);
});

test("pages are read at random among all, as many as are asked for, if pages are new", async () => {
  const draws = [0, 0.26, 0.99];
  vi.spyOn(Math, "random").mockImplementation(() => draws.shift() ?? 0);
  const { reads } = await read({ more: { since: 36, samples: 3 } });
  for (const index of [0, 5, 21, 17, 18]) expect(reads).toContain(pages[index]);
  expect(reads.filter((text) => kindOf(text) === "page")).toHaveLength(5);
  const { verdict } = await read();
  if (verdict.kind !== "whole") throw new Error("It is damaged.");
  const again = await read({ more: { since: 44, samples: 3, edge: verdict.edge } });
  expect(again.reads.filter((text) => kindOf(text) === "page")).toEqual([]);
});

test("of a storage that promises not to lag, what is not there is lost", async () => {
  for (const text of [pages[0]!, pages[21]!, objects[44]!]) {
    const { verdict, asked } = await read({ lacks: [text] });
    expect(verdict).toMatchObject({ kind: "damaged", cause: { code: "ERR_NOT_FOUND" } });
    expect([lost(verdict), asked]).toEqual([[text], []]);
  }
});

test("of a storage that may lag, what is not there may come, unless it is overdue and the storage says so", async () => {
  const may = { lacks: [pages[21]!], capabilities: { readYourWrites: false } };
  expect(await failure(read(may))).toMatchObject({ code: "ERR_NOT_PROPAGATED" });
  const { verdict, asked } = await read({ ...may, more: { overdue: true } });
  expect([lost(verdict), asked]).toEqual([[pages[21]], [pages[21]]]);
  // It holds it, and did not find it in time.
  const slow = { capabilities: { readYourWrites: false }, more: { overdue: true } };
  const before: ScriptedStorage["before"] = (address) =>
    `${address}` === pages[21]
      ? Promise.reject(new NotFoundError("no", { operation: "storage.get" }))
      : undefined;
  expect(await failure(read({ ...slow, before }))).toMatchObject({ code: "ERR_NOT_PROPAGATED" });
});

test("where others may hold an object this store is asked first, and is what counts", async () => {
  const local = { absence: "local" as const };
  const { verdict, asked, reads } = await read({ lacks: [pages[21]!], capabilities: local });
  expect(lost(verdict)).toEqual([pages[21]]);
  expect(verdict).toMatchObject({ cause: { code: "ERR_NOT_FOUND" } });
  expect(reads).not.toContain(pages[21]);
  expect(asked.length).toBeGreaterThan(1);
  const whole = await read({ capabilities: local });
  expect(inOrder(whole.asked)).toEqual(inOrder(whole.reads));
});

test("where others may hold an object, one request asks this store alone if it can be asked so", async () => {
  const local = { absence: "local" as const, localReads: true, readYourWrites: false };
  const { verdict, asked, locals } = await read({ lacks: [pages[21]!], capabilities: local });
  expect([lost(verdict), asked]).toEqual([[pages[21]], []]);
  expect(verdict).toMatchObject({ cause: { code: "ERR_NOT_PROPAGATED" } });
  expect(new Set(locals)).toEqual(new Set([true]));
  const whole = await read({ capabilities: local });
  expect([whole.verdict.kind, whole.asked]).toEqual(["whole", []]);
  // What nobody else can hold is read as by anybody.
  const known = await read({ capabilities: { localReads: true } });
  expect(new Set(known.locals)).toEqual(new Set([undefined]));
});

test("if bytes are not those that were stored, everything that was asked for may be it", async () => {
  for (const text of [pages[21]!, objects[44]!]) {
    const { verdict, reads } = await read({ spoiled: [text] });
    expect(verdict).toMatchObject({ kind: "damaged", cause: { code: "ERR_INTEGRITY" } });
    expect(lost(verdict)).toEqual(reads);
    expect(reads).toContain(text);
  }
});

test("a content that is larger than is read counts once the storage begins to send it", async () => {
  const large = await writeLog([new Uint8Array(2 ** 20), new Uint8Array(2 ** 20 + 1)], {
    settings: foldingCuts,
    largestEmbedded: 0,
  });
  const remote = scriptedRemote(large.contents, large.head);
  const options = {
    remote,
    logId: large.logId,
    content: large.head,
    since: 0,
    edge: new Set<string>(),
    samples: 0,
    overdue: false,
  };
  expect(await readPath(options, new AbortController().signal)).toMatchObject({ kind: "whole" });
  expect(remote.storage.limits.every((limit) => limit === 2 ** 20)).toBe(true);
});

test("what does not tell whether something is there is a failure, and so is an abort", async () => {
  const down = new UnreachableError("no answer", { operation: "storage.get", retry: "safe" });
  expect(await failure(read({ before: () => Promise.reject(down) }))).toBe(down);
  const controller = new AbortController();
  const remote = scriptedRemote(new Map(), log.head);
  remote.storage.before = () => {
    controller.abort("gave up");
    return Promise.reject(new NotFoundError("no", { operation: "storage.get" }));
  };
  const options = {
    remote,
    logId: log.logId,
    content: log.head,
    since: 0,
    edge: new Set<string>(),
    samples: 0,
    overdue: false,
  };
  expect(await failure(readPath(options, controller.signal))).toBe("gave up");
});
