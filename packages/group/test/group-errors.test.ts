// What a group refuses, why, and with which word.

import { generateSeed } from "@remote-log/core";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { type Group, type GroupOptions, jsonCodec, openGroup } from "../src/index.ts";
import { comeIn, Device, groupOf, type Note, Place, settle } from "./devices.ts";

function optionsWith(more: Partial<GroupOptions<Note>>): GroupOptions<Note> {
  return {
    seed: generateSeed(),
    journal: new MemoryLevel(),
    store: new MemoryLevel(),
    codec: jsonCodec<Note>(),
    sync: "manual",
    ...more,
  };
}

test.each<[string, Partial<GroupOptions<Note>>]>([
  ["a name that is empty", { name: "" }],
  ["a name that is too long", { name: "x".repeat(65) }],
  ["a name that can't be printed", { name: "\u0007" }],
  ["a poll without a pause", { pollMilliseconds: 0 }],
  ["a poll after NaN", { pollMilliseconds: Number.NaN }],
  ["a poll after longer than timers wait", { pollMilliseconds: 2 ** 31 }],
  ["a short seed", { seed: new Uint8Array(31) }],
  ["a seed that is no bytes", { seed: "x".repeat(32) as unknown as Uint8Array }],
  ["an invitation that is none", { invite: "rlog-invite:" }],
])("%s is refused when a group is opened, and its databases are free for another one", async (_, wrong) => {
  const options = optionsWith({});
  await expect(openGroup({ ...options, ...wrong })).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  await (await openGroup(options)).close();
});

test.each([1, 2 ** 31 - 1])("a pause of %d milliseconds between polls is taken", async (pollMilliseconds) => {
  const group = await openGroup(optionsWith({ pollMilliseconds }));
  expect(group.status().state).toBe("starting");
  await group.close();
});

/** Every call that a group answers, by the operation that its errors name. */
const calls: Readonly<Record<string, (group: Group<Note>, id: string) => Promise<unknown>>> = {
  append: (group) => group.append({ text: "x" }),
  attach: (group) => group.attach(new Uint8Array(1)),
  invite: (group) => group.invite(),
  takeBackInvitation: (group) => group.takeBackInvitation("rlog-invite:"),
  remove: (group, id) => group.remove(id),
  messages: (group) => group.messages().next(),
  sync: (group) => group.sync(),
  watch: (group) => group.watch().next(),
};

test("after close everything is refused, and closing again is closing once", async () => {
  const group = await openGroup(optionsWith({}));
  const closing = group.close();
  for (const [operation, call] of Object.entries(calls))
    await expect(call(group, group.self), operation).rejects.toMatchObject({
      code: "ERR_CLOSED",
      operation: `group.${operation}`,
    });
  expect(group.close()).toBe(closing);
  await closing;
  await expect(group.leave()).rejects.toMatchObject({ code: "ERR_CLOSED" });
});

test("who was removed writes, invites and removes nothing any more; reading and syncing go through", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await alice.group.remove(bob.group.self);
  await settle(devices);
  const refused = Object.entries(calls).slice(0, 5);
  for (const [operation, call] of refused)
    await expect(call(bob.group, alice.group.self), operation).rejects.toMatchObject({
      code: "ERR_NOT_MEMBER",
      name: "NotMemberError",
      operation: `group.${operation}`,
      reason: "removed",
    });
  expect((await bob.group.sync()).state).toBe("removed");
  expect(bob.group.status().caughtUp).toBe(false);
});

test("who may not invite or remove is told so, and what there is not to remove is told apart", async () => {
  const place = new Place();
  const named = (name: string): Device => new Device(name, place);
  const [alice, bob, carol] = [named("Alice"), named("Bob"), named("Carol")];
  await alice.open();
  await comeIn(bob, alice);
  await comeIn(carol, alice, { admin: true });
  await settle([alice, bob, carol]);
  const notAllowed = {
    code: "ERR_NOT_MEMBER",
    operation: "group.membership",
    reason: "not-allowed",
  };
  await expect(bob.group.invite()).rejects.toMatchObject(notAllowed);
  // Of somebody else's devices none; of the founder's neither; nor one as near as oneself.
  for (const id of [carol.group.self, alice.group.self])
    await expect(bob.group.remove(id)).rejects.toMatchObject(notAllowed);
  for (const id of [bob.group.self, alice.group.self])
    await expect(carol.group.remove(id)).rejects.toMatchObject(notAllowed);
  for (const id of ["f".repeat(64), "nobody"])
    await expect(alice.group.remove([bob.group.self, id])).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "group.remove",
      reason: "no-member",
    });
  // Nobody was removed by a call that was refused.
  expect(alice.group.status().members.filter(({ removed }) => removed)).toEqual([]);
  await alice.group.remove([bob.group.self, carol.group.self]);
  await expect(alice.group.remove(bob.group.self)).rejects.toMatchObject({
    reason: "no-member",
  });
  expect(alice.group.status().members.map(({ removed }) => removed)).toEqual([false, true, true]);
});

test("who removes itself among others removes them first", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await alice.group.remove([alice.group.self, bob.group.self]);
  expect(alice.group.status().members.map(({ removed }) => removed)).toEqual([true, true]);
  await settle(devices);
  expect(bob.group.status().members.map(({ removed }) => removed)).toEqual([true, true]);
});

test("a device that publishes nowhere, or is not let in yet, invites nobody", async () => {
  const alone = await openGroup(optionsWith({}));
  await expect(alone.invite()).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    operation: "group.invite",
    reason: "no-remotes",
  });
  for (const validMilliseconds of [0, -1, Number.NaN])
    await expect(alone.invite({ validMilliseconds })).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "group.invite",
    });
  await alone.close();
  const place = new Place();
  const [alice, bob] = [new Device("Alice", place), new Device("Bob", place)];
  await alice.open();
  await bob.open(await alice.group.invite());
  expect([bob.group.id, bob.group.status().state]).toEqual([undefined, "joining"]);
  await expect(bob.group.invite({ ownDevice: true })).rejects.toMatchObject({
    reason: "not-allowed",
  });
});

test("an admin's other device is an admin, and what an invitation gives nobody has who does not have it", async () => {
  const place = new Place();
  const named = (name: string): Device => new Device(name, place);
  const [alice, phone, bob, tablet] = [named("Alice"), named("Phone"), named("Bob"), named("Tablet")];
  await alice.open();
  await comeIn(phone, alice, { ownDevice: true });
  await comeIn(bob, phone, { admin: false });
  await comeIn(tablet, bob, { ownDevice: true, admin: true });
  await settle([alice, phone, bob, tablet]);
  const found = alice.group.status().members.map(({ name, admin, person }) => [name, admin, person]);
  expect(found).toEqual([
    ["Alice", true, alice.group.self],
    ["Phone", true, alice.group.self],
    ["Bob", false, bob.group.self],
    ["Tablet", false, bob.group.self],
  ]);
});
