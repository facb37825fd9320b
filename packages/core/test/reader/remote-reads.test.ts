// The reads of a reader: how many at once, how often again, when another remote spares the wait, and what is noted of each.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { DeniedError, TimeoutError, UnreachableError } from "../../src/index.ts";
import type { VerifiedHead } from "../../src/log/head.ts";
import { Contacts } from "../../src/reader/contacts.ts";
import { RemoteReads, type Retrying } from "../../src/reader/remote-reads.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

let log: WrittenLog;

beforeAll(async () => {
  log = await writeLog(contents(7), { publishAt: [0, 3] });
});

// No test waits: what is counted is what is sent.
beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => void vi.restoreAllMocks());

type Scripted = ReturnType<typeof scriptedRemote>;
const { signal } = new AbortController();
const busy = (): UnreachableError => new UnreachableError("busy", { operation: "storage.get" });
const remoteAt = (size: number, label: string): Scripted =>
  scriptedRemote(log.contents, log.heads.get(size), { label });

function reading(
  remotes: readonly Scripted[],
  { concurrency = 128, ...retrying }: Retrying & { concurrency?: number } = {},
) {
  const contacts = new Contacts(remotes);
  const reads = new RemoteReads(concurrency, contacts, retrying);
  const ask = (repeats: boolean) =>
    reads.ask({
      ...{ remotes, logId: log.logId, limits: defaultLimits, signal, repeats },
      known: () => undefined,
      isEnough: () => true,
      viewOf: (head: VerifiedHead, { storage }) => new TreeView(head, storage, defaultLimits, signal),
    });
  return { reads, contacts, ask };
}

/** Work that fails a number of times, and counts its tries. */
function failing(times: number, error: unknown = busy()) {
  const work = vi.fn<() => Promise<string>>();
  for (let i = 0; i < times; i++) work.mockRejectedValueOnce(error);
  return work.mockResolvedValue("read");
}

test.each([
  [undefined, 7],
  [2, 3],
  [0, 1],
])(
  "with %s retries what lasts to fail is tried %s times, a name if it is to be repeated",
  async (retries, tries) => {
    const remote = remoteAt(7, "a");
    const { reads, ask } = reading([remote], { retries });
    const work = failing(99);
    expect(await failure(reads.gate(remote).run(signal, work))).toMatchObject({ code: "ERR_UNREACHABLE" });
    expect(work).toHaveBeenCalledTimes(tries);
    remote.names.fail(busy());
    await ask(false);
    expect(remote.names.asked.length).toBe(1);
    await ask(true);
    expect(remote.names.asked.length).toBe(1 + tries);
  },
);

test("every wait is told, of names and of reads; what does not pass is not repeated", async () => {
  const onRetry = vi.fn<NonNullable<Retrying["onRetry"]>>();
  const remote = remoteAt(7, "a");
  const { reads, ask } = reading([remote], { onRetry, retries: 1 });
  expect(await reads.gate(remote).run(signal, failing(1))).toBe("read");
  expect(onRetry).toHaveBeenCalledTimes(1);
  remote.names.fail(busy());
  await ask(true);
  expect(onRetry).toHaveBeenCalledTimes(2);
  const denied = new DeniedError("no", { operation: "storage.get" });
  expect(await failure(reads.gate(remote).run(signal, failing(1, denied)))).toBe(denied);
  expect(onRetry).toHaveBeenCalledTimes(2);
});

test("a remote has one gate, and no more reads at once than are allowed; another remote has its own", async () => {
  const [one, two] = [remoteAt(7, "one"), remoteAt(7, "two")];
  const { reads } = reading([one, two], { concurrency: 2 });
  expect(reads.gate(one)).toBe(reads.gate({ ...two, storage: one.storage }));
  expect(reads.gate(one)).not.toBe(reads.gate(two));
  let [running, most] = [0, 0];
  const read = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
  };
  await Promise.all(Array.from({ length: 6 }, () => reads.gate(one).run(signal, read)));
  expect(most).toBe(2);
});

test("a connection that breaks may take all reads that are under way with it, and each comes again", async () => {
  const remote = remoteAt(7, "a");
  const { reads } = reading([remote], { concurrency: 2, retries: 1 });
  const late = new TimeoutError("late", { operation: "storage.get" });
  for (let i = 0; i < 3; i++) {
    const both = [failing(1, late), failing(1, late)].map((work) => reads.gate(remote).run(signal, work));
    expect(await Promise.all(both)).toEqual(["read", "read"]);
  }
  // If they are more than that, it is an outage.
  const many = Array.from({ length: 20 }, () => reads.gate(remote).run(signal, failing(2, late)));
  const outcomes = await Promise.allSettled(many);
  expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
});

test("while another remote that has the state answers, nobody waits for this one", async () => {
  const [one, two, behind] = [remoteAt(7, "one"), remoteAt(7, "two"), remoteAt(3, "behind")];
  const { reads, ask } = reading([one, two, behind], { retries: 1 });
  await ask(false);
  expect(reads.able).toEqual([one.storage, two.storage]);
  const tries = async (remote: Scripted, times = 1): Promise<number> => {
    const work = failing(times);
    await Promise.allSettled([reads.gate(remote).run(signal, work)]);
    return work.mock.calls.length;
  };
  expect(await tries(one)).toBe(1);
  // The first has failed, so there is none to take the place of the second.
  expect(await tries(two)).toBe(2);
  // That one has answered now.
  expect(await tries(one)).toBe(1);
  expect(await tries(two, 9)).toBe(2);
  expect(await tries(behind)).toBe(2);
  // Once both have shown their states again, each counts as one that answers.
  await ask(false);
  expect(await tries(behind)).toBe(1);
  expect(await tries(one)).toBe(1);
  // Alone, it is waited for.
  reads.able = [one.storage];
  expect(await tries(one)).toBe(2);
  reads.able = [];
  expect(await tries(one)).toBe(2);
});

test("a failure that will not pass does not make a remote one that fails", async () => {
  const [one, two] = [remoteAt(7, "one"), remoteAt(7, "two")];
  const { reads, ask } = reading([one, two], { retries: 1 });
  await ask(false);
  const denied = new DeniedError("no", { operation: "storage.get" });
  await failure(reads.gate(one).run(signal, failing(1, denied)));
  const work = failing(1);
  await failure(reads.gate(two).run(signal, work));
  expect(work).toHaveBeenCalledTimes(1);
});

test("if nobody shows a state, no remote has it; an empty log is a state, too", async () => {
  const remotes = [remoteAt(0, "one"), remoteAt(0, "two")];
  const { reads, ask } = reading(remotes, { retries: 0 });
  await ask(false);
  expect(reads.able).toEqual(remotes.map(({ storage }) => storage));
  for (const { names } of remotes) names.fail(busy());
  await ask(false);
  expect(reads.able).toEqual([]);
});

test("a read of a remote that fails is repeated though another of its reads succeeds at the same moment", async () => {
  const remote = remoteAt(7, "a");
  const { reads, ask } = reading([remote], { retries: 1 });
  await ask(false);
  let settle = (): void => undefined;
  const moment = new Promise<void>((resolve) => {
    settle = resolve;
  });
  let tries = 0;
  const failingOnce = async (): Promise<string> => {
    await moment;
    if (tries++ === 0) throw busy();
    return "read";
  };
  const both = [failingOnce, () => moment].map((work) => reads.gate(remote).run<unknown>(signal, work));
  // Both begin, and then both end.
  await new Promise((resolve) => setTimeout(resolve, 1));
  settle();
  expect(await Promise.all(both)).toEqual(["read", undefined]);
});

test("what each remote answered is noted, and nothing of what a caller gave up", async () => {
  const remote = remoteAt(7, "a");
  const { reads, contacts, ask } = reading([remote], { retries: 1 });
  const contact = () => contacts.remotes[0]!;
  await ask(false);
  expect(contact()).toMatchObject({ connected: true });
  const error = busy();
  remote.names.fail(error);
  await ask(false);
  expect(contact()).toMatchObject({ connected: false, error });
  remote.names.show(log.head);
  await ask(false);
  expect(contact().error).toBeUndefined();
  const lasting = busy();
  expect(await failure(reads.gate(remote).run(signal, failing(9, lasting)))).toBe(lasting);
  expect(contact()).toMatchObject({ connected: false, error: lasting });
  await reads.gate(remote).run(undefined, failing(0));
  expect(contact()).toMatchObject({ connected: true });
  const leaving = new AbortController();
  const work = async (): Promise<never> => {
    leaving.abort("gave up");
    throw leaving.signal.reason;
  };
  expect(await failure(reads.gate(remote).run(leaving.signal, work))).toBe("gave up");
  expect(contact()).toMatchObject({ connected: true });
  expect(await failure(reads.gate(remote).run(undefined, failing(9, lasting)))).toBe(lasting);
  expect(contact()).toMatchObject({ connected: false });
});
