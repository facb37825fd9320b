import { expect, test } from "vitest";
import { PollPlan } from "../../src/sync/poll-plan.ts";

const logsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `log ${i}`);

/** Does a poll, and tells which logs it asked. */
function poll(plan: PollPlan, logs: readonly string[], moved: readonly string[] = [], all = false): string[] {
  plan.begin(logs, all);
  const asked = logs.filter((log) => plan.isDue(log));
  for (const log of asked) {
    plan.asks(log);
    plan.read(log, 1000, moved.includes(log));
  }
  return asked;
}

test("each poll asks every log of a small group", () => {
  const [plan, logs] = [new PollPlan(), logsOf(64)];
  for (let n = 0; n < 5; n++) expect(poll(plan, logs)).toEqual(logs);
});

test("of a large group, the first poll asks every log, and the next ones ask some of the silent ones in turn", () => {
  const [plan, logs] = [new PollPlan(), logsOf(198)];
  expect(poll(plan, logs)).toEqual(logs);
  const asked = [poll(plan, logs), poll(plan, logs), poll(plan, logs)];
  for (const some of asked) expect(some.length).toBe(64);
  expect(new Set(asked.flat()).size).toBe(192);
  // Nobody waits longer than the others.
  expect(new Set([...asked.flat(), ...poll(plan, logs)])).toEqual(new Set(logs));
});

test("what moves is asked by each poll, and for the next twelve, beside some that are silent", () => {
  const [plan, logs] = [new PollPlan(), logsOf(198)];
  const moving = logs.slice(0, 100);
  poll(plan, logs, moving);
  for (let n = 0; n < 12; n++) {
    const asked = poll(plan, logs);
    expect(asked.slice(0, 100)).toEqual(moving);
    expect(asked.length).toBe(116);
  }
  expect(poll(plan, logs).length).toBe(64);
});

test("whoever asks for all gets all, and a log that becomes known meanwhile is asked at once", () => {
  const [plan, logs] = [new PollPlan(), logsOf(198)];
  poll(plan, logs);
  expect(poll(plan, logs, [], true)).toEqual(logs);
  poll(plan, logs);
  expect(plan.isDue("another")).toBe(true);
});

test("the group is up to date as of the oldest of the last readings", () => {
  const plan = new PollPlan();
  plan.begin(["a", "b"], false);
  plan.asks("a");
  plan.read("a", 5, false);
  expect(plan.readAt(["a", "b"])).toBeUndefined();
  plan.asks("b");
  expect(plan.readAt(["a", "b"])).toBeUndefined();
  plan.read("b", 9, false);
  expect(plan.readAt(["a", "b"])).toBe(5);
  plan.begin(["a", "b"], false);
  plan.asks("a");
  plan.read("a", 11, false);
  expect(plan.readAt(["a", "b"])).toBe(9);
});
