// What is believed of the name of a log on one remote: what is confirmed, what is doubted, and what another place changes.

import { memoryNames, NameTable } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DeniedError, TimeoutError, UnreachableError } from "../../src/index.ts";
import { idShownBy } from "../../src/writer/remote-state.ts";
import { looseNames } from "./loose-names.ts";
import { failing, heal, nameOn, placeWith, publishedPlace } from "./name-on-remote.ts";

const { signal } = new AbortController();
const silent = (): TimeoutError => new TimeoutError("No answer.", { operation: "x" });

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("an answer that does not come leaves it published and unconfirmed; anything else is told", async () => {
  const place = await placeWith(3);
  const { name, move, told } = await nameOn(place);
  await move(3);
  for (const kind of ["resolve", "get"] as const) {
    failing(place, kind, silent);
    if (kind === "resolve") expect(await name.confirm(signal)).toBeUndefined();
    failing(place, kind, () => new TypeError("not a function"));
    if (kind === "resolve") expect(await failure(name.confirm(signal))).toBeInstanceOf(TypeError);
    expect([name.confirmed, name.settled, told().confirmed]).toEqual([false, true, 0]);
  }
  const controller = new AbortController();
  failing(place, "resolve", () => {
    controller.abort("gave up");
    return silent();
  });
  expect(await failure(name.confirm(controller.signal))).toBeDefined();
  heal(place);
  await name.confirm(signal);
  expect([name.confirmed, told().confirmed]).toEqual([true, 3]);
});

test("what is missing below a name is told, and nothing is confirmed", async () => {
  const place = await placeWith(30);
  const { name, move, told } = await nameOn(place);
  await move(30);
  const [text] = place.contents.keys();
  const kept = new Map(place.contents);
  place.contents.clear();
  expect(await name.confirm(signal)).toMatchObject({ kind: "damaged" });
  expect(text).toBeDefined();
  expect([name.confirmed, told().confirmed]).toEqual([false, 0]);
  for (const [address, bytes] of kept) place.contents.set(address, bytes);
  expect(await name.confirm(signal)).toBeUndefined();
  expect(name.confirmed).toBe(true);
});

/** The pages that are read back when the name is confirmed; each read of a page draws a number. */
async function drawn(confirm: () => Promise<unknown>): Promise<number> {
  const before = vi.mocked(Math.random).mock.calls.length;
  await confirm();
  return vi.mocked(Math.random).mock.calls.length - before;
}

test("after a doubt more pages are read back at random, once", async () => {
  const place = await placeWith(60);
  const { name, move } = await nameOn(place);
  await move(20);
  const usual = await drawn(() => name.confirm(signal));
  await name.doubt();
  await move(20);
  const most = await drawn(() => name.confirm(signal));
  expect(most - usual).toBe(7);
  await move(60);
  expect(await drawn(() => name.confirm(signal))).toBeLessThan(most);
  await name.doubt();
  expect(name.confirmed).toBe(false);
});

test("a doubt ends what was confirmed, and the name has to move", async () => {
  const place = await placeWith(6);
  const { name, move, prefix, told, records, count, tree } = await nameOn(place);
  await move(6);
  await name.confirm(signal);
  await name.doubt({ reads: true });
  const { remoteId } = (await records.loadPublished())!;
  expect(await records.loadDoubt()).toEqual({ shown: remoteId });
  expect([name.size, name.settled, name.confirmed]).toEqual([6, true, false]);
  expect(name.shows({ size: 6 } as never)).toBe(false);
  expect(told()).toEqual({ published: 6, confirmed: 0 });
  expect(tree.doubted).toBe(true);
  // While it is in doubt nothing is read back.
  const gets = count("get");
  expect(await name.confirm(signal)).toBeUndefined();
  expect([count("get"), name.confirmed]).toEqual([gets, false]);
  // What was stored is found again, and still the name has to move.
  await tree.store(6, { root: (await prefix(6)).root(), last: true, signal });
  expect([tree.doubted, name.shows({ size: 6 } as never)]).toEqual([false, false]);
  await move(6);
  expect([count("update"), name.shows({ size: 6 } as never)]).toEqual([2, true]);
  await name.confirm(signal);
  expect(told()).toEqual({ published: 6, confirmed: 6 });
});

test("to read that nothing was published is no progress of a remote that failed", async () => {
  const { name, progress } = await nameOn(await placeWith(3));
  progress.fail("one", "a reason", false);
  await name.load();
  expect([name.published, progress.remotes[0]!.error]).toEqual([false, "a reason"]);
});

test("a name shows, and confirms, a manifest once it has moved to a head with it", async () => {
  const { name, move, state, prefix } = await nameOn(await placeWith(3));
  const whole = await prefix(3);
  const now = () => [name.published, name.settled, name.shows(whole), name.confirmed];
  await move(3);
  await name.confirm(signal);
  expect(now()).toEqual([true, true, true, true]);
  for (const remotes of [new TextEncoder().encode("https://one.example"), new Uint8Array(0)]) {
    await state.manifests.change((content) => ({ ...content, remotes }));
    expect(now()).toEqual([true, false, false, true]);
    await move(3);
    expect(now()).toEqual([true, true, true, false]);
    await name.confirm(signal);
    expect(now()).toEqual([true, true, true, true]);
    await name.load();
    expect(now()).toEqual([true, true, true, false]);
    await name.look(signal);
    await name.confirm(signal);
  }
});

test("a head that is too large for the name is stored before the name moves", async () => {
  const place = await placeWith(3);
  const names = memoryNames({ table: place.table, largestContent: 200 });
  const { name, move } = await nameOn(place, { names });
  await move(3);
  expect(await name.confirm(signal)).toBeUndefined();
  expect(name.confirmed).toBe(true);
  expect(place.calls.findLastIndex(({ kind }) => kind === "put")).toBeLessThan(
    place.calls.findIndex(({ kind }) => kind === "update"),
  );
});

test("before the first publish nothing is known to be shown", async () => {
  const { name, records } = await nameOn(await placeWith(2));
  await name.doubt();
  expect(await records.loadDoubt()).toEqual({ shown: null });
});

test("a name that was lost is moved again, under the same id", async () => {
  const place = await publishedPlace(4);
  const { name, move, told, logId, records } = await nameOn(place);
  const { remoteId } = (await records.loadPublished())!;
  place.table.values.delete(logId);
  await name.look(signal);
  expect([name.size, name.confirmed, name.shows({ size: 4 } as never)]).toEqual([4, false, false]);
  // Nothing is left of it there: the id is a new one.
  await move(4);
  expect((await records.loadPublished())!.remoteId).not.toBe(remoteId);
  expect(told().published).toBe(4);
});

test("a name that was set back to an older head of the same place keeps its id, and what that head shows", async () => {
  const place = await placeWith(6);
  const first = await nameOn(place);
  await first.move(4);
  await first.name.confirm(signal);
  const older = place.table.values.get(first.logId)!;
  await first.move(6);
  await first.close();
  const again = await nameOn(place);
  const { remoteId } = (await again.records.loadPublished())!;
  place.table.values.set(again.logId, older);
  await again.name.look(signal);
  expect([again.name.shows({ size: 6 } as never), again.tree.doubted]).toEqual([false, true]);
  await again.move(6);
  expect(again.name.shows({ size: 6 } as never)).toBe(true);
  expect((await again.records.loadPublished())!.remoteId).toBe(remoteId);
});

test("what an older head of the same place shows stays confirmed while the rest is put back", async () => {
  const place = await placeWith(6);
  const { name, move, told, logId } = await nameOn(place);
  await move(4);
  await name.confirm(signal);
  const older = place.table.values.get(logId)!;
  await move(6);
  await name.confirm(signal);
  expect(told()).toEqual({ published: 6, confirmed: 6 });
  place.table.values.set(logId, older);
  await name.lookAgain(signal);
  await name.lookAgain(signal);
  expect(told()).toEqual({ published: 4, confirmed: 4 });
  expect(name.confirmed).toBe(false);
});

test("a place that holds our log already, and of which the journal knows nothing, is adopted", async () => {
  const place = await publishedPlace(4);
  const { name, told, tree, records } = await nameOn(place, { label: "two" });
  await name.look(signal);
  expect([name.adopted, name.size, name.settled, tree.doubted]).toEqual([true, 4, true, true]);
  expect(told()).toEqual({ published: 4, confirmed: 0 });
  expect(name.shows({ size: 4 } as never)).toBe(false);
  expect(await records.loadDoubt()).toEqual({ shown: (await records.loadPublished())!.remoteId });
});

test("after the next update an adopted place is one as any other", async () => {
  const place = await publishedPlace(4);
  const { name, move, records } = await nameOn(place, { label: "two" });
  await name.look(signal);
  const { remoteId } = (await records.loadPublished())!;
  await move(4);
  expect((await records.loadPublished())!.remoteId).toBe(remoteId);
  expect([name.adopted, name.confirmed]).toEqual([false, false]);
  await name.confirm(signal);
  expect(name.confirmed).toBe(true);
});

test("a place that is gone is made anew only if its owner asks for that", async () => {
  const place = await publishedPlace(4);
  const { name } = await nameOn(place);
  expect(name.makesAnew).toBe(false);
  place.fault = async (call, proceed) =>
    call.kind === "resolve" ? { status: "absent", placeMissing: true } : proceed();
  expect(await failure(name.look(signal))).toMatchObject({ code: "ERR_REMOTE_CHANGED" });
  name.makesAnew = true;
  await name.look(signal);
  expect(name.shows({ size: 4 } as never)).toBe(false);
});

test("a name system that may lag is not taken to have lost an update for a minute", async () => {
  // From the beginning: such a clock begins at 0, and that of a process may have run for long.
  vi.useFakeTimers({ toFake: ["performance"] });
  const place = await placeWith(4);
  let lag = 0;
  const { name, move } = await nameOn(place, { names: looseNames(new Map(), () => lag) });
  await name.look(signal);
  await move(2);
  await move(4);
  lag = 1;
  await name.lookAgain(signal);
  expect(name.shows({ size: 4 } as never)).toBe(true);
  expect(await name.confirm(signal)).toBeUndefined();
  expect(name.confirmed).toBe(false);
  vi.advanceTimersByTime(120_000);
  await name.lookAgain(signal);
  expect(name.shows({ size: 4 } as never)).toBe(false);
  lag = 0;
  await name.lookAgain(signal);
  await name.confirm(signal);
  expect(name.confirmed).toBe(true);
});

test("a request for the name, and for what it leads to, is made again if no answer came", async () => {
  const place = await placeWith(4);
  const { name, move, count } = await nameOn(place);
  const lost = new Set<string>();
  place.fault = async (call, proceed) => {
    if (lost.has(call.kind) || call.kind === "put") return proceed();
    lost.add(call.kind);
    throw new UnreachableError("It is lost.", { operation: "x" });
  };
  await name.look(signal);
  expect(count("resolve")).toBe(2);
  await move(4);
  await name.confirm(signal);
  expect(name.confirmed).toBe(true);
});

test("what a later process doubts is the place that the journal knows", async () => {
  const published = await publishedPlace(2);
  const known = await nameOn(published);
  await known.name.doubt();
  expect(await known.records.loadDoubt()).toEqual({ shown: (await known.records.loadPublished())!.remoteId });
  // Of a place that was sent one update, without an answer, it knows the id as well.
  const begun = await placeWith(2);
  const first = await nameOn(begun);
  failing(begun, "update", () => new DeniedError("No.", { operation: "x" }));
  await failure(first.move(2));
  await first.close();
  const second = await nameOn(begun);
  await second.name.doubt();
  const { content } = (await second.records.loadIntent())!;
  expect(await second.records.loadDoubt()).toEqual({ shown: idShownBy(new Uint8Array(content)) });
});

test("of one entry nothing is confirmed either, once it is in doubt", async () => {
  const { name, move } = await nameOn(await placeWith(1));
  await move(1);
  await name.confirm(signal);
  await name.doubt();
  expect(name.confirmed).toBe(false);
});

test("what was read back of the right edge is not read again, except by who has to look anew", async () => {
  const place = await placeWith(60);
  const { name, move, count, close } = await nameOn(place);
  const reads = async (of: typeof name): Promise<number> => {
    const before = count("get");
    await of.look(signal);
    await of.confirm(signal);
    return count("get") - before;
  };
  await move(56);
  await name.confirm(signal);
  await move(57);
  const once = await reads(name);
  await name.load();
  const anew = await reads(name);
  expect(anew).toBeGreaterThan(2 * once);
  await close();
  // As a process that knows nothing.
  expect(await reads((await nameOn(place)).name)).toBe(anew);
});

test("another place under the name counts for nothing that was confirmed", async () => {
  const place = await placeWith(6);
  const other = new NameTable();
  const second = await nameOn(place, { label: "two", names: memoryNames({ table: other }) });
  await second.move(4);
  await second.close();
  const { name, move, told, logId, tree, prefix, records } = await nameOn(place);
  await move(6);
  await name.confirm(signal);
  const { remoteId } = (await records.loadPublished())!;
  place.table.values.set(logId, other.values.get(logId)!);
  await name.lookAgain(signal);
  await name.lookAgain(signal);
  expect([tree.doubted, told()]).toEqual([true, { published: 4, confirmed: 0 }]);
  await tree.store(6, { root: (await prefix(6)).root(), last: true, signal });
  expect([tree.doubted, name.shows({ size: 6 } as never)]).toEqual([false, false]);
  await move(6);
  const now = (await records.loadPublished())!.remoteId;
  expect([now === remoteId, now]).toEqual([false, idShownBy(other.values.get(logId)!.content)]);
});

test("a name that may lag, and is gone after a minute, is moved again under its own id", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const place = await placeWith(4);
  const history = new Map();
  const { name, move, records } = await nameOn(place, { names: looseNames(history) });
  await move(4);
  const { remoteId } = (await records.loadPublished())!;
  history.clear();
  vi.advanceTimersByTime(120_000);
  await name.look(signal);
  await move(4);
  expect((await records.loadPublished())!.remoteId).toBe(remoteId);
});
