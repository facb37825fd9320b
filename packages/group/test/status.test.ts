import { expect, test } from "vitest";
import { describeStatus, type GroupStatus, type MemberStatus } from "../src/index.ts";

const now = new Date(2026, 10, 28, 15, 30).getTime();
const options = { now, locale: "en" };
const base: GroupStatus = {
  state: "up-to-date",
  caughtUp: true,
  waitingToPublish: 0,
  upToDateAt: new Date(2026, 10, 28, 12, 3).getTime(),
  members: [],
};

function member(more: Partial<MemberStatus>): MemberStatus {
  return {
    id: "a",
    name: "Bob",
    person: "a",
    own: false,
    admin: false,
    removed: false,
    heardAt: now - 1000,
    ...more,
  };
}

test.each<[GroupStatus["state"], string]>([
  ["up-to-date", "Up to date as of 12:03."],
  ["offline", "Offline. Up to date as of 12:03."],
  ["partly", "Some members can't be reached. Up to date as of 12:03."],
  ["starting", "Looking for news. Up to date as of 12:03."],
  ["joining", "Waiting to be let in."],
  ["removed", "This device is not a member any more."],
])("%s reads: %s", (state, line) => {
  expect(describeStatus({ ...base, state }, options)).toEqual([line]);
});

test("a state that was up to date on another day says which", () => {
  const upToDateAt = new Date(2026, 10, 20, 9, 5).getTime();
  expect(describeStatus({ ...base, state: "offline", upToDateAt }, options)).toEqual([
    "Offline. Up to date as of Nov 20, 2026, 09:05.",
  ]);
  const { upToDateAt: _, ...never } = base;
  expect(describeStatus({ ...never, state: "offline" }, options)).toEqual(["Offline."]);
});

test("it says how much waits", () => {
  expect(describeStatus({ ...base, waitingToPublish: 1 }, options)[1]).toBe(
    "1 message waits to be published.",
  );
  expect(describeStatus({ ...base, waitingToPublish: 3 }, options)[1]).toBe(
    "3 messages wait to be published.",
  );
});

test.each<[string, Partial<MemberStatus>, string | undefined]>([
  ["was heard lately", {}, undefined],
  [
    "fails now",
    { heardAt: new Date(2026, 10, 28, 8, 1).getTime(), error: new Error("x") },
    "Bob was last heard at 08:01.",
  ],
  [
    "was heard some days ago",
    { heardAt: new Date(2026, 10, 24, 8, 1).getTime() },
    "Bob was last heard on Tuesday.",
  ],
  [
    "was heard long ago",
    { heardAt: new Date(2026, 9, 24, 8, 1).getTime() },
    "Bob was last heard on Oct 24, 2026.",
  ],
  ["was removed", { heardAt: 1, removed: true }, undefined],
  ["is this device", { heardAt: 1, own: true }, undefined],
])("of a member who %s", (_, more, line) => {
  expect(describeStatus({ ...base, members: [member(more)] }, options)[1]).toBe(line);
});

test("of a member who was never heard it says so", () => {
  const { heardAt: _, ...silent } = member({});
  expect(describeStatus({ ...base, members: [silent] }, options)[1]).toBe("Bob was not heard yet.");
});
