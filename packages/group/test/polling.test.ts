import type { Remote } from "@remote-log/core";
import { afterEach, expect, test, vi } from "vitest";
import type { GroupRemote, GroupStatus } from "../src/index.ts";
import { type Device, groupOf, type Place } from "./devices.ts";

/** A device that polls by itself, though not before a test has ended. */
const seldom = { sync: "auto", pollMilliseconds: 2 ** 31 - 1 } as const;

afterEach(() => vi.unstubAllGlobals());

/** What a browser tells its pages. */
function stubRuntime(): EventTarget {
  const runtime = new EventTarget();
  vi.stubGlobal("addEventListener", runtime.addEventListener.bind(runtime));
  vi.stubGlobal("removeEventListener", runtime.removeEventListener.bind(runtime));
  return runtime;
}

/** What lets a device publish, when the test says so. */
function heldBack(place: Place): {
  readonly remotes: () => [GroupRemote];
  readonly release: () => void;
} {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const remote = place.remote(() => true);
  const update: typeof remote.names.update = async (...words) => {
    await released;
    return remote.names.update(...words);
  };
  return {
    remotes: () => [{ remote: { ...remote, names: { ...remote.names, update } }, uri: "memory:place" }],
    release,
  };
}

test("a device that comes online reads at once what it had missed, however long its polls are apart", async () => {
  const runtime = stubRuntime();
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await bob.group.close();
  bob.online = false;
  await bob.open(undefined, seldom);
  for await (const { state } of bob.group.watch()) if (state === "offline") break;
  await alice.group.append({ text: "meanwhile" });
  await alice.group.sync();
  bob.online = true;
  runtime.dispatchEvent(new Event("online"));
  for await (const { value } of bob.group.messages({ live: true })) {
    expect(value.text).toBe("meanwhile");
    break;
  }
  await bob.group.close();
});

test("watch tells when the last of the messages that waited is published, without a poll", async () => {
  const { devices } = await groupOf(["Alice"]);
  const [alice] = devices as [Device];
  await alice.group.close();
  await alice.open(undefined, seldom);
  for await (const { state } of alice.group.watch()) if (state === "up-to-date") break;
  alice.online = false;
  for (const text of ["one", "two", "three"]) await alice.group.append({ text });
  const seen: number[] = [];
  for await (const { waitingToPublish } of alice.group.watch()) {
    seen.push(waitingToPublish);
    if (waitingToPublish === 0) break;
    alice.online = true;
  }
  expect(seen[0]).toBe(3);
  await alice.group.close();
});

test("watch tells when what an earlier run left is published, though the first poll still waits for a member", async () => {
  const { devices, place } = await groupOf(["Alice", "Bob"]);
  const [alice] = devices as [Device, Device];
  alice.online = false;
  for (const text of ["one", "two", "three"]) await alice.group.append({ text });
  await alice.group.close();
  const { remotes, release } = heldBack(place);
  const never = new Promise<never>(() => undefined);
  const silent = (): Remote => {
    const remote = place.remote(() => true);
    return { ...remote, names: { ...remote.names, resolve: () => never } };
  };
  await alice.open(undefined, { ...seldom, remotes, schemes: { "memory:": silent } });
  const seen: string[] = [];
  for await (const { state, waitingToPublish } of alice.group.watch()) {
    seen.push(`${state} ${waitingToPublish}`);
    release();
    if (waitingToPublish === 0) break;
  }
  expect(seen).toEqual(["starting 3", "starting 0"]);
  await alice.group.close();
});

test("sync publishes what waits before it resolves, also on a device that publishes by itself, and says what kept it from it", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await alice.group.close();
  await alice.open(undefined, seldom);
  for await (const { state } of alice.group.watch()) if (state === "up-to-date") break;
  alice.online = false;
  await alice.group.append({ text: "hello" });
  await expect(alice.group.sync()).rejects.toMatchObject({ code: "ERR_UNREACHABLE" });
  alice.online = true;
  expect(await alice.group.sync()).toMatchObject({ state: "up-to-date", waitingToPublish: 0 });
  await bob.group.sync();
  expect(await bob.texts()).toEqual(["hello"]);
  await alice.group.close();
});

test("a device tells how it stands to whom it was told to: when it is open, and at every change", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice] = devices as [Device];
  await alice.group.close();
  const told: GroupStatus[] = [];
  await alice.open(undefined, { onStatus: (status) => told.push(status) });
  await alice.group.sync();
  alice.online = false;
  await alice.group.append({ text: "waits" });
  await alice.group.sync().catch(() => undefined);
  await alice.group.close();
  const words = told.map(
    ({ state, caughtUp, waitingToPublish }) => `${state} ${caughtUp} ${waitingToPublish}`,
  );
  expect([...new Set(words)]).toEqual([
    "starting false 0",
    "up-to-date true 0",
    "up-to-date true 1",
    "offline false 1",
  ]);
});

test("watch tells when what was written on a device that was put back is published, without a further poll", async () => {
  const runtime = stubRuntime();
  const { devices, place } = await groupOf(["Alice", "Bob"]);
  const [, bob] = devices as [Device, Device];
  const restore = await bob.backUp({ store: true });
  await bob.group.append({ text: "one" });
  await bob.group.sync();
  await bob.group.close();
  await restore();
  const { remotes, release } = heldBack(place);
  await bob.open(undefined, { ...seldom, remotes });
  await bob.group.append({ text: "since" });
  const seen: string[] = [];
  for await (const { state, waitingToPublish } of bob.group.watch()) {
    if (seen[seen.length - 1] !== state) seen.push(state);
    if (state === "recovering") runtime.dispatchEvent(new Event("online"));
    else if (seen.includes("recovering") && waitingToPublish === 0) break;
    else if (seen.includes("recovering")) release();
  }
  expect(seen.slice(-2)).toEqual(["recovering", "up-to-date"]);
  await bob.group.close();
});
