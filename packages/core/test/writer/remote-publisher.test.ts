// One remote, brought up to date: what is stored before the name moves, what is put back, and what a repair counts.

import { memoryNames, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { DeniedError, TimeoutError } from "../../src/index.ts";
import { loadRemoved } from "../../src/journal/removal.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { RemotePublisher } from "../../src/writer/remote-publisher.ts";
import { RemoteTree } from "../../src/writer/remote-tree.ts";
import { Removal } from "../../src/writer/removal.ts";
import { looseNames } from "./loose-names.ts";
import { failing, heal, type NameOptions, nameOn, type Place, placeWith } from "./name-on-remote.ts";

const { signal } = new AbortController();
const denied = (): DeniedError => new DeniedError("No.", { operation: "x" });
const silent = (): TimeoutError => new TimeoutError("No answer.", { operation: "x" });

/** Brings a place up to date, as a new process does. */
async function publisherOn(place: Place, options: NameOptions = {}) {
  const rig = await nameOn(place, options);
  const publisher = new RemotePublisher(rig.remote, rig.state, rig.records, rig.tree);
  await publisher.load();
  const publish = async (size: number, own = signal) => publisher.publish(await rig.prefix(size), own);
  const stages = () => {
    const { stored, published, confirmed } = rig.progress.remotes[0]!;
    return [stored, published, confirmed];
  };
  return { ...rig, publisher, publish, stages };
}

test("a publish stores everything, moves the name, and reads it back", async () => {
  const place = await placeWith(9);
  const first = await publisherOn(place);
  expect([first.publisher.size, first.publisher.settled, first.publisher.uploads]).toEqual([0, false, 0]);
  expect(first.stages()).toEqual([0, 0, 0]);
  await first.publish(9);
  expect([first.publisher.size, first.publisher.settled, first.publisher.confirmed]).toEqual([9, true, true]);
  expect(first.publisher.uploads).toBe(place.contents.size);
  expect(first.stages()).toEqual([9, 9, 9]);
  const kinds = place.calls.map(({ kind }) => kind);
  expect(kinds.lastIndexOf("put")).toBeLessThan(kinds.indexOf("update"));
  await first.close();
  // The next process knows that, and has nothing to do but to read it back.
  place.calls.length = 0;
  const second = await publisherOn(place);
  expect([second.publisher.size, second.stages()]).toEqual([9, [9, 9, 0]]);
  await second.publish(9);
  expect([second.count("put"), second.count("has"), second.count("update")]).toEqual([0, 0, 0]);
  expect(second.stages()).toEqual([9, 9, 9]);
});

test("what was stored before a publish failed is known to the next process, as full pages", async () => {
  const place = await placeWith(9);
  const first = await publisherOn(place);
  failing(place, "update", denied);
  expect(await failure(first.publish(9))).toMatchObject({ code: "ERR_DENIED" });
  expect(first.stages()).toEqual([9, 0, 0]);
  const pages = first.tree.inPages;
  expect(pages).toBeGreaterThan(0);
  await first.close();
  const second = await publisherOn(place);
  expect([second.stages(), second.publisher.size]).toEqual([[pages, 0, 0], 0]);
  // What is in doubt counts for nothing.
  heal(place);
  await second.publish(9);
  await second.name.load();
  await second.name.doubt();
  await second.close();
  const third = await publisherOn(place);
  expect([third.stages(), third.publisher.settled]).toEqual([[0, 9, 0], false]);
});

test("a single entry that was published counts as stored in the next process", async () => {
  const place = await placeWith(1);
  const first = await publisherOn(place);
  await first.publish(1);
  await first.close();
  expect((await publisherOn(place)).stages()).toEqual([1, 1, 0]);
});

test("to read that nothing is stored is no progress of a remote that failed", async () => {
  const { publisher, progress, stages } = await publisherOn(await placeWith(1));
  progress.fail("one", "a reason", false);
  await publisher.load();
  expect([stages(), progress.remotes[0]!.error]).toEqual([[0, 0, 0], "a reason"]);
});

test("uploads of a publish that failed are known to the next process, though no page leads to them", async () => {
  const place = await placeWith(20);
  const first = await publisherOn(place, { largestEmbedded: 0 });
  place.fault = (call, proceed) =>
    call.kind === "put" && first.count("put") > 10 ? Promise.reject(denied()) : proceed();
  expect(await failure(first.publish(20))).toMatchObject({ code: "ERR_DENIED" });
  const { uploads } = first.publisher;
  expect(uploads).toBeGreaterThan(0);
  await first.close();
  heal(place);
  place.calls.length = 0;
  const second = await publisherOn(place, { largestEmbedded: 0 });
  await second.publish(20);
  expect(second.count("put")).toBe(place.contents.size - uploads);
});

test("what is found to be missing is put back, and the name moves once more", async () => {
  const place = await placeWith(9);
  const { publish, count, stages } = await publisherOn(place);
  place.fault = async (call, proceed) => {
    const result = await proceed();
    if (call.kind === "update" && count("update") === 1) place.contents.clear();
    return result;
  };
  await publish(9);
  expect([count("update"), stages()]).toEqual([2, [9, 9, 9]]);
});

test("a place that keeps nothing is given up after the third time, with what was missing as the cause", async () => {
  const place = await placeWith(9);
  const { publish, count, stages } = await publisherOn(place);
  place.fault = async (call, proceed) => {
    const result = await proceed();
    if (call.kind === "update") place.contents.clear();
    return result;
  };
  expect(await failure(publish(9))).toMatchObject({
    code: "ERR_REMOTE_CHANGED",
    reason: "not-kept",
    cause: { code: "ERR_NOT_FOUND" },
  });
  expect([count("update"), stages()[2]]).toEqual([3, 0]);
});

/** A publish whose name moves in steps on the way, as on that of a long backlog. */
async function inSteps(place: Place, options: NameOptions = {}) {
  const rig = await publisherOn(place, options);
  vi.spyOn(rig.tree, "planSteps").mockResolvedValue([await rig.prefix(3), await rig.prefix(6)]);
  const advance = vi.spyOn(rig.progress, "advance");
  /** The sizes that the name came to show. */
  const sizes = (): number[] =>
    advance.mock.calls.filter(([, stage]) => stage === "published").map(([, , size]) => size);
  return { ...rig, sizes };
}

test("the name moves in steps; without compare-and-set it is looked at once before the first, and before each of the others", async () => {
  for (const names of [undefined, looseNames()]) {
    const { publish, sizes, count } = await inSteps(await placeWith(9), names === undefined ? {} : { names });
    await publish(9);
    expect([sizes(), count("update")]).toEqual([[3, 6, 9], 3]);
    // The first look, and the one that reads back.
    expect(count("resolve")).toBe(names === undefined ? 2 : 4);
  }
});

test("a place that is emptied between two steps is filled again, and the name moves over the whole way", async () => {
  const place = await placeWith(9);
  const inner = memoryNames({ table: place.table });
  const names = { ...inner, capabilities: { ...inner.capabilities, compareAndSet: "none" as const } };
  const { publish, sizes, count, stages } = await inSteps(place, { names });
  place.fault = async (call, proceed) => {
    const result = await proceed();
    if (call.kind === "update" && count("update") === 1) {
      place.contents.clear();
      place.table.values.clear();
    }
    return result;
  };
  await publish(9);
  // The second look finds nothing, and the update that builds on what was there is refused once.
  expect([sizes(), count("update"), count("resolve")]).toEqual([[3, 3, 6, 9], 5, 6]);
  expect(stages()).toEqual([9, 9, 9]);
});

test("if a step fails in a way that may pass, the rest is stored and the name moves once, over the whole way", async () => {
  const place = await placeWith(9);
  const { publish, sizes, count } = await inSteps(place);
  place.fault = (call, proceed) =>
    call.kind === "update" && count("update") <= 6 ? Promise.reject(silent()) : proceed();
  await publish(9);
  // The head that was on its way is settled first.
  expect(sizes()).toEqual([3, 9]);
});

test.each([
  ["is final", denied],
  ["is an abort", silent],
])("if the failure of a step %s, the publish ends there", async (what, error) => {
  const place = await placeWith(9);
  const { publish, stages, sizes } = await inSteps(place);
  const controller = new AbortController();
  failing(place, "update", () => {
    if (what === "is an abort") controller.abort("gave up");
    return error();
  });
  expect(await failure(publish(9, controller.signal))).toBeDefined();
  expect([stages()[0], sizes()]).toEqual([3, []]);
});

test("a place under a new label is left as it is if nothing is missing there", async () => {
  const place = await placeWith(9);
  const first = await publisherOn(place);
  await first.publish(9);
  await first.close();
  for (const lacks of [false, true]) {
    const label = `lacks: ${lacks}`;
    if (lacks) place.contents.delete([...place.contents.keys()][0]!);
    place.calls.length = 0;
    const { publish, count, stages, close } = await publisherOn(place, { label });
    await publish(9);
    expect([count("put"), count("update")]).toEqual(lacks ? [1, 1] : [0, 0]);
    expect(stages()).toEqual([9, 9, 9]);
    await close();
  }
});

test("a repair looks for everything, counts it as it gets on, and says what was missing", async () => {
  const place = await placeWith(9);
  const { publisher, publish, prefix, count, name } = await publisherOn(place);
  await publish(9);
  const tree = await prefix(9);
  const objects = place.contents.size;
  expect(await publisher.repair(tree, {}, signal)).toEqual({ label: "one", checked: objects, putBack: 0 });
  place.contents.delete([...place.contents.keys()][0]!);
  const told: unknown[] = [];
  const onProgress = (progress: unknown): void => void told.push(progress);
  const looks = count("resolve");
  const repaired = await publisher.repair(tree, { onProgress }, signal);
  expect(repaired).toEqual({ label: "one", checked: objects, putBack: 1 });
  expect(count("resolve")).toBeGreaterThan(looks + 1);
  expect([told.length, told.at(-1)]).toEqual([objects, repaired]);
  expect(told[0]).toMatchObject({ label: "one", checked: 1 });
  // Whoever repairs hears of his own repair alone, and of nothing that is looked for later.
  await name.doubt();
  await publish(9);
  await publisher.repair(tree, {}, signal);
  expect(told).toHaveLength(objects);
});

test("a repair that ended on the way continues, unless every object has to be read", async () => {
  const place = await placeWith(60);
  const { publisher, publish, prefix, count } = await publisherOn(place);
  await publish(60);
  const tree = await prefix(60);
  const objects = [...place.contents.keys()];
  const last = objects.at(-1)!;
  const asked: number[] = [];
  for (const reads of [false, true]) {
    place.contents.delete(last);
    failing(place, "put", denied);
    expect(await failure(publisher.repair(tree, {}, signal))).toMatchObject({ code: "ERR_DENIED" });
    heal(place);
    place.calls.length = 0;
    expect((await publisher.repair(tree, { reads }, signal)).putBack).toBe(1);
    expect(place.contents.has(last)).toBe(true);
    asked.push(count("has"));
    // To read a path of it back, and pages at random, takes some of them.
    if (reads) expect(count("get")).toBeGreaterThanOrEqual(objects.length - 1);
    else expect(count("get")).toBeLessThan(objects.length * 0.8);
  }
  expect(asked[0]).toBeLessThan(objects.length);
});

test("a place that is gone is made anew by a repair, and by nothing else after it", async () => {
  const place = await placeWith(9);
  const { publisher, publish, prefix } = await publisherOn(place);
  await publish(9);
  let isGone = true;
  place.fault = async (call, proceed) => {
    if (call.kind === "update") isGone = false;
    return call.kind === "resolve" && isGone ? { status: "absent", placeMissing: true } : proceed();
  };
  const tree = await prefix(9);
  await publisher.repair(tree, {}, signal);
  expect(isGone).toBe(false);
  isGone = true;
  place.fault = async (call, proceed) =>
    call.kind === "resolve" ? { status: "absent", placeMissing: true } : proceed();
  await publisher.load();
  expect(await failure(publisher.look(signal))).toMatchObject({ code: "ERR_REMOTE_CHANGED" });
});

test("what was removed is taken out of the pages by the next publish, and until then a remote is not settled", async () => {
  const place = await placeWith(9);
  const { publisher, publish, state, count, progress } = await publisherOn(place);
  await publish(9);
  const removal = new Removal(state, undefined);
  removal.onPrune = (ranges) => publisher.noteUnknown(ranges);
  await removal.remove([1, 2], signal);
  expect([publisher.settled, publisher.forgets]).toEqual([false, "never"]);
  await publish(9);
  expect([publisher.settled, count("update")]).toEqual([true, 2]);
  // This storage forgets nothing: nothing is left to be deleted.
  expect([publisher.removal, progress.remotes[0]!.removal]).toEqual([undefined, undefined]);
  await publish(9);
  expect(count("update")).toBe(2);
});

test("what is left to be deleted is told by the next process, too", async () => {
  const place = await placeWith(9);
  const forgetting = async (graceMilliseconds?: number) => {
    const rig = await nameOn(place);
    const remote = { ...rig.remote, storage: memoryStorage({ contents: place.contents }) };
    const own = { records: rig.records, uploadRecords: new UploadRecords(rig.state.journal, "one") };
    const more = { storage: remote.storage, largestEmbedded: 12, onStored: () => undefined };
    const tree = new RemoteTree(rig.state, { ...own, ...more });
    const publisher = new RemotePublisher(remote, rig.state, rig.records, tree, graceMilliseconds);
    rig.state.removed = await loadRemoved(rig.state.journal);
    await publisher.load();
    return { ...rig, publisher };
  };
  const first = await forgetting();
  expect(first.publisher.forgets).toBe("deleted");
  await first.publisher.publish(first.state.tree, signal);
  const removal = new Removal(first.state, undefined);
  removal.onPrune = (ranges) => first.publisher.noteUnknown(ranges);
  await removal.remove(1, signal);
  const before = Date.now();
  await first.publisher.publish(first.state.tree, signal);
  const { left, dueAt } = first.publisher.removal!;
  expect(left).toBeGreaterThan(0);
  // Ten minutes, if nothing else is said.
  expect(dueAt! - before).toBeGreaterThanOrEqual(600_000);
  await first.close();
  const second = await forgetting(0);
  expect(second.publisher.removal).toMatchObject({ left, forgets: "deleted" });
  const objects = place.contents.size;
  await second.publisher.publish(second.state.tree, signal);
  expect(second.publisher.removal).toBeUndefined();
  expect(place.contents.size).toBe(objects - left);
});
