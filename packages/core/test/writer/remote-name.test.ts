// The name of a log on one remote: when it is looked at, how it moves, and what is known of it after each answer.

import { memoryNames } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DeniedError, TimeoutError, UnreachableError } from "../../src/index.ts";
import { readNameContent } from "../../src/log/head.ts";
import { looseNames } from "./loose-names.ts";
import { failing, heal, nameOn, placeWith, publishedPlace } from "./name-on-remote.ts";

const { signal } = new AbortController();
const silent = (): TimeoutError => new TimeoutError("No answer.", { operation: "x" });
const denied = (): DeniedError => new DeniedError("No.", { operation: "x" });

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => {
  vi.restoreAllMocks();
});

// Databases return bytes of their own class.
const bytes = (content: Uint8Array | undefined): Uint8Array => new Uint8Array(content!);

test("nothing is published of a log that nobody published", async () => {
  const { name, told } = await nameOn(await placeWith(3));
  expect([name.size, name.settled, name.confirmed, name.adopted]).toEqual([0, false, true, false]);
  expect(name.shows({ size: 0 } as never)).toBe(false);
  expect(told()).toEqual({ published: 0, confirmed: 0 });
});

test("what was published is confirmed once it was read back, and the next process knows how much it is", async () => {
  const place = await placeWith(3);
  const first = await nameOn(place);
  await first.name.look(signal);
  await first.move(3);
  expect([first.name.size, first.name.settled, first.name.confirmed]).toEqual([3, true, false]);
  expect(first.name.shows(await first.prefix(3))).toBe(true);
  expect(first.told()).toEqual({ published: 3, confirmed: 0 });
  expect(await first.name.confirm(signal)).toBeUndefined();
  expect(first.name.confirmed).toBe(true);
  expect(first.told()).toEqual({ published: 3, confirmed: 3 });
  const before = place.calls.length;
  await first.name.confirm(signal);
  expect(place.calls.length).toBe(before);
  await first.close();
  const second = await nameOn(place);
  expect([second.name.size, second.name.settled, second.name.confirmed]).toEqual([3, true, false]);
  expect(second.told()).toEqual({ published: 3, confirmed: 0 });
  // The look has shown what it holds: only the path below it is read.
  await second.name.look(signal);
  await second.name.confirm(signal);
  expect(second.told()).toEqual({ published: 3, confirmed: 3 });
});

test("a log without entries is published, too", async () => {
  const place = await placeWith(0);
  const { name, move } = await nameOn(place);
  await move(0);
  expect([name.settled, name.size, name.shows({ size: 0 } as never)]).toEqual([true, 0, true]);
  expect(name.shows({ size: 1 } as never)).toBe(false);
});

test("the name is that of the log, or the one that the remote has", async () => {
  for (const called of [undefined, "mine"]) {
    const place = await placeWith(1);
    const { move, logId } = await nameOn(place, called === undefined ? {} : { name: called });
    await move(1);
    expect([...place.table.values.keys()]).toEqual([called ?? logId]);
  }
});

test("each update builds on the one before, and is durable in the journal before it is sent", async () => {
  const place = await placeWith(5);
  const { name, move, records } = await nameOn(place);
  const intents: unknown[] = [];
  place.fault = async (call, proceed) => {
    const intent = call.kind === "update" ? await records.loadIntent() : undefined;
    if (intent !== undefined) intents.push({ ...intent, content: bytes(intent.content) });
    return proceed();
  };
  await move(2);
  await move(5);
  const updates = place.calls.filter(({ kind }) => kind === "update");
  expect(updates.map(({ expected }) => expected)).toEqual([null, "1"]);
  expect(intents).toEqual(updates.map(({ content }, i) => ({ size: [2, 5][i], content: bytes(content) })));
  expect(await records.loadIntent()).toBeUndefined();
  expect(await records.loadPublished()).toMatchObject({ size: 5, revision: "2" });
  expect(name.size).toBe(5);
});

test("callers share one look, which another caller's abort does not end", async () => {
  const place = await placeWith(1);
  const { name, count } = await nameOn(place);
  const controller = new AbortController();
  const [first, second] = [name.look(controller.signal), name.look(signal)];
  controller.abort("gave up");
  expect(await failure(first)).toBe("gave up");
  await second;
  await name.look(signal);
  expect(count("resolve")).toBe(1);
});

test("a look that failed is made again; closing the writer ends it", async () => {
  const place = await placeWith(1);
  const { name, count, closing } = await nameOn(place);
  failing(place, "resolve", denied);
  expect(await failure(name.look(signal))).toMatchObject({ code: "ERR_DENIED" });
  heal(place);
  await name.look(signal);
  expect(count("resolve")).toBe(2);
  expect(place.calls.every((call) => call.signal === undefined || !call.signal.aborted)).toBe(true);
  closing.abort("closed");
  expect(await failure(name.lookAgain(closing.signal))).toBe("closed");
});

test.each([
  ["enforces compare-and-set", 0, undefined],
  ["enforces nothing", 1, looseNames],
])("a name system that %s is looked at before each further publish so often: %i", async (_, often, make) => {
  const place = await placeWith(1);
  const { name, count } = await nameOn(place, make === undefined ? {} : { names: make() });
  await name.lookForPublish(signal);
  expect(count("resolve")).toBe(1);
  await name.lookForPublish(signal);
  expect(count("resolve")).toBe(1 + often);
  await name.lookAgain(signal);
  expect(count("resolve")).toBe(2 + often);
});

test("to look again is to look once, if nobody has looked before", async () => {
  const place = await placeWith(1);
  const { name, count } = await nameOn(place);
  await name.lookAgain(signal);
  expect(count("resolve")).toBe(1);
});

test("without compare-and-set the name is looked at before each further update, and not sent what it shows", async () => {
  const place = await placeWith(5);
  const { name, move, count } = await nameOn(place, { names: looseNames() });
  await name.look(signal);
  await move(2, signal, true);
  expect(count("resolve")).toBe(1);
  await move(5, signal, false);
  expect([count("resolve"), count("update")]).toEqual([2, 2]);
  await move(5, signal, false);
  expect([count("resolve"), count("update"), name.size]).toEqual([3, 2, 5]);
});

test("what a look before an update put in doubt is not sent", async () => {
  const place = await placeWith(5);
  const inner = memoryNames({ table: place.table });
  const names = { ...inner, capabilities: { ...inner.capabilities, compareAndSet: "none" as const } };
  const { move, count, tree, logId } = await nameOn(place, { names });
  await move(2);
  place.table.values.delete(logId);
  await move(5, signal, false);
  expect([count("update"), tree.doubted]).toEqual([1, true]);
  // Once all of it was looked for it is sent: by the writer's own count, and, as that is refused, as the first.
  await move(5, signal, false);
  expect([count("update"), tree.doubted]).toEqual([3, false]);
});

test("an update without an answer is sent again as it was, at most six times in all; then it is kept", async () => {
  const place = await placeWith(2);
  const first = await nameOn(place);
  const failures: TimeoutError[] = [];
  failing(place, "update", () => {
    failures.push(silent());
    return failures.at(-1);
  });
  const error = await failure(first.move(2));
  expect((error as Error).cause).toBe(failures.at(-1));
  expect(error).toMatchObject({
    code: "ERR_UNREACHABLE",
    operation: "writer.publish",
    retry: "exhausted",
    cause: { code: "ERR_TIMEOUT" },
  });
  const updates = place.calls.filter(({ kind }) => kind === "update");
  expect(updates).toHaveLength(6);
  for (const { content } of updates) expect(content).toEqual(updates[0]!.content);
  expect([first.name.settled, first.name.size]).toEqual([false, 0]);
  await first.close();
  heal(place);
  place.calls.length = 0;
  const second = await nameOn(place);
  expect(second.name.settled).toBe(false);
  await second.name.look(signal);
  expect(place.calls.map(({ kind }) => kind)).toEqual(["resolve", "update"]);
  expect(bytes(place.calls[1]!.content)).toEqual(bytes(updates[0]!.content));
  expect([second.name.settled, second.name.size]).toEqual([true, 2]);
});

test("what the last answer to an update said is told, and its reason is that of the publish", async () => {
  const place = await placeWith(2);
  const { move, close } = await nameOn(place);
  const advice = "Check the clock of this device.";
  failing(
    place,
    "update",
    () => new UnreachableError(advice, { operation: "names.update", reason: "clock-skew" }),
  );
  const error = await failure(move(2));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "exhausted", reason: "clock-skew" });
  expect((error as Error).message).toContain(advice);
  await close();
});

test.each(["lookForPublish", "lookAgain"] as const)("what is on its way is settled by %s", async (method) => {
  const place = await placeWith(2);
  const { name, move, count } = await nameOn(place);
  await name.look(signal);
  failing(place, "update", silent);
  await failure(move(2));
  heal(place);
  const before = [count("resolve"), count("update")];
  await name[method](signal);
  expect([count("resolve"), count("update")]).toEqual([before[0]! + 1, before[1]! + 1]);
  expect([name.settled, name.size]).toEqual([true, 2]);
});

test("an update that has arrived, though its answer was lost, is not sent again", async () => {
  const place = await placeWith(2);
  const { name, move, count, told } = await nameOn(place);
  place.fault = async (call, proceed) => {
    const result = await proceed();
    if (call.kind === "update") throw silent();
    return result;
  };
  await move(2);
  expect([count("update"), count("resolve")]).toEqual([1, 1]);
  expect([name.size, name.settled]).toEqual([2, true]);
  // The look has read it back already.
  await name.confirm(signal);
  expect(count("resolve")).toBe(1);
  expect(told()).toEqual({ published: 2, confirmed: 2 });
});

test("a refusal is no unknown outcome, neither at once nor when an update is settled", async () => {
  const place = await placeWith(2);
  const { name, move, count } = await nameOn(place);
  failing(place, "update", denied);
  expect(await failure(move(2))).toMatchObject({ code: "ERR_DENIED" });
  expect([count("update"), count("resolve")]).toEqual([1, 0]);
  let sent = 0;
  failing(place, "update", () => (++sent === 1 ? silent() : denied()));
  expect(await failure(move(2))).toMatchObject({ code: "ERR_DENIED" });
  expect(sent).toBe(2);
  expect(name.settled).toBe(false);
});

test("an abort ends it, before an update is sent and while one is settled", async () => {
  const place = await placeWith(2);
  const { move, count } = await nameOn(place);
  for (const after of [0, 1, 2]) {
    const controller = new AbortController();
    let sent = 0;
    if (after === 0) controller.abort("gave up");
    failing(place, "update", () => {
      if (++sent === after) controller.abort("gave up");
      return silent();
    });
    const before = [count("update"), count("resolve")];
    expect(await failure(move(2, controller.signal))).toBeDefined();
    expect([count("update"), count("resolve")]).toEqual([
      before[0]! + after,
      before[1]! + Math.max(0, after - 1),
    ]);
  }
});

test("an intent that is not what this writer can have signed is refused", async () => {
  const place = await placeWith(2);
  const first = await nameOn(place);
  failing(place, "update", denied);
  await failure(first.move(2));
  const { content } = (await first.records.loadIntent())!;
  await first.records.saveIntent({ size: 1, content }, "a note");
  expect(await failure(first.name.load())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
});

test("what is read again from the journal has to be looked at again", async () => {
  const place = await publishedPlace(3);
  const { name, count, told } = await nameOn(place);
  await name.look(signal);
  await name.confirm(signal);
  await name.load();
  expect([name.size, name.confirmed, name.settled]).toEqual([3, false, true]);
  await name.look(signal);
  expect(count("resolve")).toBe(2);
  expect(told().published).toBe(3);
});

test("with an update on its way nothing is settled, whatever was published before", async () => {
  const place = await publishedPlace(3);
  const { name, move } = await nameOn(place);
  failing(place, "update", denied);
  await failure(move(3));
  expect([name.size, name.settled]).toEqual([3, false]);
});

test("an update on its way is not sent again if what it leads to may be gone", async () => {
  const place = await publishedPlace(3);
  const first = await nameOn(place);
  failing(place, "update", denied);
  await failure(first.move(3));
  heal(place);
  await first.close();
  place.table.values.clear();
  place.calls.length = 0;
  const { name, tree, count } = await nameOn(place);
  await name.look(signal);
  expect([count("update"), tree.doubted, name.settled]).toEqual([0, true, true]);
});

test("an update that an earlier version signed, without an id of the remote, is sent as it is", async () => {
  const place = await placeWith(3);
  const first = await nameOn(place);
  failing(place, "update", denied);
  await failure(first.move(2));
  const { size, content } = (await first.records.loadIntent())!;
  const held = readNameContent(bytes(content));
  const head = held.kind === "head" ? held.bytes : content;
  await first.records.saveIntent({ size, content: head }, first.state.signer.largest!.note);
  heal(place);
  await first.name.load();
  await first.name.look(signal);
  expect(bytes(place.table.values.get(first.logId)!.content)).toEqual(bytes(head));
  expect((await first.records.loadPublished())!.remoteId).toBeUndefined();
  // The next one has an id.
  await first.move(3);
  expect((await first.records.loadPublished())!.remoteId).toMatch(/^[0-9a-f]{32}$/);
});
