// How far each remote is, and who waits for it.

import { failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { Progress, type Stage, type StageOptions } from "../../src/writer/progress.ts";

afterEach(() => {
  vi.useRealTimers();
});

const broken = new Error("no such bucket");
const start = { stored: 0, published: 0, confirmed: 0 };

/** Progress of two remotes; `state` tells what became of a wait. */
function two(background = true) {
  const progress = new Progress(["one", "two"], background);
  const waits = (stage: Stage, size: number, options: StageOptions = {}) => {
    const wait = { state: "waits" as unknown };
    progress.reached(stage, size, options).then(
      () => (wait.state = "there"),
      (error: unknown) => (wait.state = error),
    );
    return wait;
  };
  return { progress, waits };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a remote advances stage by stage, and never goes back by that", () => {
  const { progress } = two();
  expect(progress.remotes).toEqual([
    { label: "one", ...start },
    { label: "two", ...start },
  ]);
  progress.advance("one", "stored", 5);
  progress.advance("one", "stored", 3);
  progress.advance("one", "published", 4);
  progress.advance("two", "confirmed", 1);
  expect(progress.remotes).toEqual([
    { label: "one", stored: 5, published: 4, confirmed: 0 },
    { label: "two", stored: 0, published: 0, confirmed: 1 },
  ]);
});

test("what was uploaded is told while it is more than what is stored", () => {
  const { progress } = two();
  const one = () => progress.remotes[0]!;
  progress.upload("one", 1);
  expect(one().uploaded).toBe(1);
  progress.upload("one", 4);
  expect(one()).toEqual({ label: "one", ...start, uploaded: 4 });
  progress.upload("one", 3);
  expect(one().uploaded).toBe(4);
  progress.advance("one", "stored", 3);
  expect(one()).toMatchObject({ stored: 3, uploaded: 4 });
  progress.advance("one", "stored", 4);
  expect(one()).toEqual({ label: "one", ...start, stored: 4 });
  progress.upload("one", 4);
  expect(one()).not.toHaveProperty("uploaded");
  progress.upload("one", 5);
  expect(one().uploaded).toBe(5);
});

test("if less is there than was thought, nothing counts as stored, and no more as the rest than is left", () => {
  const { progress } = two();
  for (const stage of ["stored", "published", "confirmed"] as const) progress.advance("one", stage, 5);
  progress.upload("one", 9);
  progress.retreat("one", { published: 4, confirmed: 7 });
  expect(progress.remotes[0]).toEqual({ label: "one", stored: 0, published: 4, confirmed: 5 });
  progress.retreat("one", { published: 4, confirmed: 2 });
  expect(progress.remotes[0]).toMatchObject({ published: 4, confirmed: 2 });
});

test("what was removed is told until nothing is left there, and no attempt has failed", () => {
  const { progress } = two();
  const one = () => progress.remotes[0]!;
  progress.removal("one", { forgets: "deleted", left: 2 });
  expect(one()).toEqual({ label: "one", ...start, removal: { forgets: "deleted", left: 2 } });
  progress.removal("one", { forgets: "deleted", left: 1 });
  expect(one().removal).toEqual({ forgets: "deleted", left: 1 });
  progress.removal("one", { forgets: "deleted", left: 0, error: broken });
  expect(one().removal).toEqual({ forgets: "deleted", left: 0, error: broken });
  progress.removal("one", { forgets: "deleted", left: 0 });
  expect(one()).toEqual({ label: "one", ...start });
});

test("a failure is told with the time since which there is no progress, until there is some", () => {
  vi.useFakeTimers({ now: 1000 });
  const { progress } = two();
  const one = () => progress.remotes[0]!;
  progress.fail("one", broken, false);
  vi.setSystemTime(2000);
  const other = new Error("still");
  progress.fail("one", other, false);
  expect(one()).toEqual({ label: "one", ...start, error: other, failingSince: 1000 });
  progress.advance("one", "stored", 1);
  expect(one()).toEqual({ label: "one", ...start, stored: 1 });
  progress.fail("one", broken, false);
  expect(one().failingSince).toBe(2000);
  progress.upload("one", 7);
  expect(one()).toEqual({ label: "one", ...start, stored: 1, uploaded: 7 });
});

test("any one remote is enough, or all of them, for just that stage and size", async () => {
  const { progress, waits } = two();
  const any = waits("stored", 3);
  const all = waits("stored", 3, { remotes: "all" });
  const later = waits("stored", 4);
  const published = waits("published", 3);
  progress.advance("one", "stored", 2);
  await turn();
  expect([any, all, later, published].map(({ state }) => state)).toEqual([
    "waits",
    "waits",
    "waits",
    "waits",
  ]);
  progress.advance("one", "stored", 3);
  await turn();
  expect([any, all, later, published].map(({ state }) => state)).toEqual([
    "there",
    "waits",
    "waits",
    "waits",
  ]);
  progress.advance("two", "stored", 4);
  await turn();
  expect([any, all, later, published].map(({ state }) => state)).toEqual([
    "there",
    "there",
    "there",
    "waits",
  ]);
  // What is there already needs no wait.
  await progress.reached("stored", 4, {});
  await progress.reached("stored", 3, { remotes: "all" });
});

test("without remotes nothing is ever there, not even on all of them", async () => {
  const progress = new Progress([], true);
  const reason = new Error("waited long enough");
  for (const remotes of ["any", "all"] as const) {
    const controller = new AbortController();
    const wait = failure(progress.reached("stored", 0, { remotes, signal: controller.signal }));
    controller.abort(reason);
    expect(await wait).toBe(reason);
  }
});

test("who waits for any remote gives up once all have stopped; who waits for all, once one has", async () => {
  const { progress, waits } = two();
  const other = new Error("no room");
  const [any, all] = [waits("stored", 3), waits("stored", 3, { remotes: "all" })];
  progress.fail("one", broken, false);
  await turn();
  expect([any.state, all.state]).toEqual(["waits", "waits"]);
  progress.fail("one", broken, true);
  await turn();
  expect([any.state, all.state]).toEqual(["waits", broken]);
  progress.fail("two", other, true);
  await turn();
  expect(any.state).toBe(broken);
  // Later ones give up at once, unless they have what they wait for.
  expect(await failure(progress.reached("stored", 1, {}))).toBe(broken);
  progress.advance("one", "stored", 1);
  await progress.reached("stored", 1, {});
});

test("who waits for all does not give up because of a remote that has it", async () => {
  const { progress, waits } = two();
  progress.advance("one", "stored", 3);
  const all = waits("stored", 3, { remotes: "all" });
  progress.fail("one", broken, true);
  await turn();
  expect(all.state).toBe("waits");
  progress.advance("two", "stored", 3);
  await turn();
  expect(all.state).toBe("there");
});

test("a remote that is tried again, or advances, is waited for again", async () => {
  for (const go of ["resume", "advance"] as const) {
    const { progress, waits } = two();
    for (const label of ["one", "two"]) progress.fail(label, broken, true);
    if (go === "resume") progress.resume("one");
    else progress.advance("one", "stored", 1);
    const any = waits("stored", 3);
    await turn();
    expect(any.state).toBe("waits");
  }
});

test("if publishing is manual, a failure ends the waits that are there, and later ones wait for the next publish", async () => {
  const { progress, waits } = two(false);
  const before = waits("stored", 3, { remotes: "all" });
  progress.fail("one", broken, true);
  const after = waits("stored", 3, { remotes: "all" });
  await turn();
  expect([before.state, after.state]).toEqual([broken, "waits"]);
});

test("the end ends every wait, also those that come later, and nothing that is there already", async () => {
  const { progress, waits } = two();
  progress.advance("one", "stored", 1);
  const wait = waits("stored", 3);
  const closed = new Error("closed");
  progress.end(closed);
  await turn();
  expect(wait.state).toBe(closed);
  expect(await failure(progress.reached("stored", 2, {}))).toBe(closed);
  await progress.reached("stored", 1, {});
});
