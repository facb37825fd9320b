// How each remote of a reader answers: what is noted, since when it fails, and when that is news.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  ClosedError,
  DeniedError,
  NotFoundError,
  type Remote,
  TimeoutError,
  UnreachableError,
} from "../../src/index.ts";
import { Contacts, kindOf } from "../../src/reader/contacts.ts";

const operation = "names.resolve";
const [one, two] = ["one", "two"].map((label) => ({ label, storage: {} }) as Remote) as [Remote, Remote];

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: 1_000 }));
afterEach(() => void vi.useRealTimers());

/** The contacts of two remotes, and how often something was news. */
function watching() {
  const contacts = new Contacts([one, two]);
  const onChange = vi.fn<() => undefined>();
  contacts.onChange = onChange;
  return { contacts, onChange };
}

test("before the first answer no remote is connected, and none fails", () => {
  expect(watching().contacts.remotes).toStrictEqual([
    { label: "one", connected: false },
    { label: "two", connected: false },
  ]);
});

test.each([
  ["a refusal is an answer", new DeniedError("no", { operation }), true],
  ["what is not there is an answer", new NotFoundError("no", { operation }), true],
  ["silence is none", new TimeoutError("no", { operation }), false],
  ["no usable answer is none", new UnreachableError("no", { operation }), false],
  ["a client that is closed got none", new ClosedError("no", { operation }), false],
  ["a fault of the program says nothing of the remote", new Error("no"), false],
])("%s", (_what, error, isAnswer) => {
  for (const how of ["asked", "read"] as const) {
    const { contacts, onChange } = watching();
    const note = (failure?: unknown): void =>
      how === "asked" ? contacts.asked(one, failure) : contacts.read(one.storage, failure);
    note();
    vi.setSystemTime(2_000);
    note(error);
    expect(contacts.remotes).toStrictEqual([
      {
        ...{ label: "one", connected: isAnswer, answeredAt: isAnswer ? 2_000 : 1_000 },
        ...{ error, failingSince: 2_000 },
      },
      { label: "two", connected: false },
    ]);
    expect(onChange).toHaveBeenCalledTimes(2);
    vi.setSystemTime(1_000);
  }
});

test("a remote fails since the first of its failures, and until both its name and its storage answer", () => {
  const { contacts } = watching();
  const [silent, denied] = [new TimeoutError("no", { operation }), new DeniedError("no", { operation })];
  const failing = () => contacts.remotes.map(({ error, failingSince }) => [error, failingSince])[0];
  contacts.read(one.storage, silent);
  expect(failing()).toEqual([silent, 1_000]);
  vi.setSystemTime(2_000);
  contacts.asked(one, denied);
  expect(failing()).toEqual([denied, 1_000]);
  vi.setSystemTime(3_000);
  contacts.read(one.storage, undefined);
  expect(failing()).toEqual([denied, 2_000]);
  contacts.asked(one, silent);
  expect(failing()).toEqual([silent, 2_000]);
  expect(contacts.remotes[0]!.connected).toBe(false);
  contacts.asked(one, undefined);
  expect(contacts.remotes[0]).toStrictEqual({ label: "one", connected: true, answeredAt: 3_000 });
});

test("another kind of failure is news, and so is the first answer; another time or another text is none", () => {
  const { contacts, onChange } = watching();
  const news = (error: unknown): number => {
    onChange.mockClear();
    contacts.asked(one, error);
    return onChange.mock.calls.length;
  };
  expect(news(new Error("a fault"))).toBe(1);
  expect(news(new Error("another fault"))).toBe(0);
  expect(news(new UnreachableError("no", { operation }))).toBe(1);
  expect(news(new UnreachableError("not now", { operation }))).toBe(0);
  expect(news(new UnreachableError("no", { operation: "storage.get" }))).toBe(1);
  expect(news(undefined)).toBe(1);
  expect(news(undefined)).toBe(0);
  expect(news(new DeniedError("no", { operation }))).toBe(1);
  expect(news(new NotFoundError("no", { operation }))).toBe(1);
  // A remote that answers, though with a failure of the same kind, is connected.
  const other = watching();
  other.contacts.asked(two, undefined);
  expect(other.onChange).toHaveBeenCalledTimes(1);
});

test("whatever was thrown has a kind, and no failure has none", () => {
  expect(kindOf(undefined)).toBeUndefined();
  expect(kindOf(null)).toBe(kindOf(new Error("a fault")));
  expect(kindOf(null)).not.toBe(kindOf(new DeniedError("no", { operation })));
});

test("what a remote showed at the last sync is told of it alone, and of no other", () => {
  const { contacts } = watching();
  contacts.reported([
    { label: "unknown", status: "newest", size: 9 },
    { label: "two", status: "behind", size: 7 },
    { label: "one", status: "absent" },
  ]);
  expect(contacts.remotes).toStrictEqual([
    { label: "one", connected: false, status: "absent" },
    { label: "two", connected: false, status: "behind", size: 7 },
  ]);
});
