// Invitations, and what a newcomer gets with one.

import { type Remote, UnreachableError } from "@remote-log/core";
import { expect, test } from "vitest";
import { comeIn, Device, groupOf, Place, settle } from "../devices.ts";

const WEEK = 7 * 86_400_000;

function devicesOf(names: readonly string[], clock: { now: number }): readonly Device[] {
  const place = new Place();
  return names.map((name) => new Device(name, place, { now: () => clock.now }));
}

test("an invitation that was taken back lets nobody in, also who has left a card already", async () => {
  const [alice, bob] = devicesOf(["Alice", "Bob"], { now: 1000 }) as [Device, Device];
  await alice.open();
  const invite = await alice.group.invite();
  await alice.group.sync();
  await bob.open(invite);
  await bob.group.sync();
  await alice.group.takeBackInvitation(invite);
  await alice.restart();
  await settle([alice, bob]);
  expect(bob.group.status().state).toBe("joining");
  expect(alice.group.status().members.length).toBe(1);
  await expect(alice.group.takeBackInvitation(invite)).rejects.toMatchObject({ reason: "not-open" });
  // Another one does not become the first again.
  const another = await alice.group.invite();
  expect(another).not.toBe(invite);
});

test("who came in can't be put out by taking back the invitation, and nobody takes back another's", async () => {
  const { devices } = await groupOf(["Alice"]);
  const alice = devices[0]!;
  const place = new Place();
  const [bob, eve] = [new Device("Bob", place), new Device("Eve", place)];
  await bob.open();
  const invite = await bob.group.invite();
  await eve.open(invite);
  for (let n = 0; n < 2; n++) {
    await eve.group.sync();
    await bob.group.sync();
  }
  for (const { group } of [bob, alice])
    await expect(group.takeBackInvitation(invite)).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      reason: "not-open",
    });
});

test("an invitation is good for a week, or for as long as it is told to be", async () => {
  const clock = { now: 1_000_000 };
  const [alice, bob, carol, dave] = devicesOf(["Alice", "Bob", "Carol", "Dave"], clock) as Device[];
  await alice!.open();
  const [week, day, ever] = [
    await alice!.group.invite(),
    await alice!.group.invite({ validMilliseconds: 86_400_000 }),
    await alice!.group.invite({ validMilliseconds: Number.POSITIVE_INFINITY }),
  ];
  await bob!.open(day);
  await carol!.open(week);
  clock.now += 86_400_000 - 1;
  await carol!.group.sync();
  clock.now += 1;
  await bob!.group.sync();
  await settle([alice!, bob!, carol!]);
  expect(bob!.group.status().state).toBe("joining");
  expect(carol!.group.status().state).toBe("up-to-date");
  clock.now += 100 * WEEK;
  await expect(new Device("Late", new Place(), { now: () => clock.now }).open(week)).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "expired",
  });
  await dave!.open(ever);
  await settle([alice!, dave!, alice!, dave!]);
  expect(dave!.group.status().state).toBe("up-to-date");
  // Who is in stays in, with the invitation given or not.
  await carol!.group.close();
  await carol!.open(week);
  await settle([carol!]);
  expect(carol!.group.status().state).toBe("up-to-date");
  await expect(alice!.group.invite({ validMilliseconds: 0 })).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
});

test("a newcomer reads what those wrote who were not online since, if it may read what was before", async () => {
  const { devices, place } = await groupOf(["Alice", "Bob", "Carol"]);
  const [alice, bob, carol] = devices as [Device, Device, Device];
  await bob.group.append({ text: "Bob" });
  await settle(devices);
  await carol.group.append({ text: "Carol" });
  await settle(devices);
  for (const away of [bob, carol]) await away.group.close();
  const [with_, without] = [new Device("Dave", place), new Device("Eve", place)];
  await comeIn(with_, alice);
  await comeIn(without, alice, { history: false });
  expect(await with_.texts()).toEqual(["Bob", "Carol"]);
  expect(await without.texts()).toEqual([]);
  // What was given lasts beyond a restart, and is given on by the next one.
  await with_.restart();
  await with_.group.sync();
  expect(await with_.texts()).toEqual(["Bob", "Carol"]);
  const phone = new Device("Dave's phone", place);
  await comeIn(phone, with_, { ownDevice: true });
  expect(await phone.texts()).toEqual(["Bob", "Carol"]);
});

test("a device that lost what it had read finds the keys again that it was given", async () => {
  const { devices, place } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await bob.group.append({ text: "Bob" });
  await settle(devices);
  await bob.group.close();
  const dave = new Device("Dave", place);
  await comeIn(dave, alice);
  await dave.group.close();
  dave.loseStore();
  await dave.open();
  await settle([dave]);
  expect(await dave.texts()).toEqual(["Bob"]);
});

test("who was removed before others heard that it had come reads nothing of what they write then", async () => {
  const { devices, place } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const mallory = new Device("Mallory", place);
  await bob.group.append({ text: "before" });
  await settle(devices);
  await comeIn(mallory, alice);
  expect(await mallory.texts()).toEqual(["before"]);
  await alice.group.remove(mallory.group.self);
  await settle([alice, bob]);
  for (const { group } of [alice, bob]) await group.append({ text: "without Mallory" });
  const attachment = await bob.group.attach(new Uint8Array(3));
  await settle([alice, bob]);
  await mallory.group.sync();
  expect(await mallory.texts()).toEqual(["before"]);
  expect(attachment.parts).toEqual([{ first: 0, count: 1 }]);
  for (const { group } of [alice, bob])
    expect(group.status().members.find(({ name }) => name === "Mallory")).toMatchObject({ removed: true });
});

test("in a group with many readers, one more is named when there are some, and reads all the same", async () => {
  const { devices, place } = await groupOf(["Alice", "Bob", "Carol", "Dave", "Eve"]);
  const [alice, bob] = devices as [Device, Device];
  await bob.group.append({ text: "first" });
  await settle(devices);
  const [one, two] = [new Device("One", place), new Device("Two", place)];
  await comeIn(one, alice);
  const before = place.requests.put;
  await bob.group.sync();
  // It holds the key already.
  expect(place.requests.put).toBe(before);
  await comeIn(two, alice);
  await bob.group.sync();
  expect(place.requests.put).toBeGreaterThan(before);
  await bob.group.append({ text: "second" });
  await settle([...devices, one, two]);
  for (const device of [one, two]) expect(await device.texts()).toEqual(["first", "second"]);
  // After a change of the key, too.
  await alice.group.remove(devices[4]!.group.self);
  await settle([...devices, one, two]);
  await bob.group.append({ text: "third" });
  await settle([...devices, one, two]);
  for (const device of [one, two]) expect(await device.texts()).toEqual(["first", "second", "third"]);
});

test("a newcomer with history passes over nothing that it may not read yet", async () => {
  const place = new Place();
  const hidden = new Set<string>();
  const partly = (): Remote =>
    hiding(
      place.remote(() => true),
      hidden,
    );
  const alice = new Device("Alice", place, { schemes: { "memory:": partly } });
  const [carol, phone, dave] = ["Carol", "Carol's phone", "Dave"].map((name) => new Device(name, place));
  await alice.open();
  await comeIn(carol!, alice);
  // Nothing of what Carol writes reaches Alice; so she has no key to give.
  hidden.add(carol!.group.self);
  await comeIn(phone!, carol!, { ownDevice: true });
  await carol!.group.append({ text: "old" });
  await carol!.group.remove(phone!.group.self);
  await carol!.group.append({ text: "new" });
  await carol!.group.sync();
  await comeIn(dave!, alice);
  expect(await dave!.texts()).toEqual([]);
  expect(dave!.group.status().members.find(({ name }) => name === "Carol")?.error).toMatchObject({
    code: "ERR_NO_KEY",
  });
  await settle([carol!, dave!]);
  expect(await dave!.texts()).toEqual(["old", "new"]);
});

function hiding(remote: Remote, hidden: ReadonlySet<string>): Remote {
  const { names } = remote;
  return {
    ...remote,
    names: {
      ...names,
      resolve: async (logId, options) => {
        if (hidden.has(logId)) throw new UnreachableError("It is hidden.", { operation: "names.resolve" });
        return names.resolve(logId, options);
      },
    },
  };
}
