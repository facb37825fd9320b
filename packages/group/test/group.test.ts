import { expect, test } from "vitest";
import { encodeEnvelope } from "../src/wire/envelope.ts";
import { comeIn, Device, groupOf, Place, settle } from "./devices.ts";

test("a device that is invited reads what was written, and is read by who invited it", async () => {
  const place = new Place();
  const [alice, bob] = [new Device("Alice", place), new Device("Bob", place)];
  await alice.open();
  await alice.group.append({ text: "before" });
  await comeIn(bob, alice);
  expect(await bob.texts()).toEqual(["before"]);
  await bob.group.append({ text: "after" });
  await settle([alice, bob]);
  expect(await alice.texts()).toEqual(["before", "after"]);
  expect(bob.group.id).toBe(alice.group.id);
  expect(alice.group.status().members.map(({ name }) => name)).toEqual(["Alice", "Bob"]);
});

test("two devices that are never online together converge", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  for (let day = 0; day < 4; day++) {
    [alice.online, bob.online] = [day % 2 === 0, day % 2 === 1];
    await alice.group.append({ text: `Alice ${day}` });
    await bob.group.append({ text: `Bob ${day}` });
    await Promise.allSettled([alice.group.sync(), bob.group.sync()]);
  }
  alice.online = true;
  await alice.group.sync().catch(() => undefined);
  alice.online = false;
  bob.online = true;
  await bob.group.sync();
  bob.online = false;
  alice.online = true;
  await alice.group.sync();
  expect(await alice.texts()).toEqual(await bob.texts());
  expect((await alice.texts()).length).toBe(8);
});

test("what a device has read stays readable offline and after a restart, and after its store is lost, from its journal and the others", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await alice.group.append({ text: "one" });
  await settle(devices);
  await bob.group.append({ text: "two" });
  bob.online = false;
  await bob.restart();
  expect(await bob.texts()).toEqual(["one", "two"]);
  await bob.group.append({ text: "three" });
  await bob.group.close();
  bob.loseStore();
  await bob.open();
  expect(await bob.texts()).toEqual(["two", "three"]);
  bob.online = true;
  await settle(devices);
  expect(await bob.texts()).toEqual(["one", "two", "three"]);
  expect(await alice.texts()).toEqual(["one", "two", "three"]);
});

test("a removed device reads nothing that is written after it, and what it writes does not count", async () => {
  const { devices } = await groupOf(["Alice", "Bob", "Carol"]);
  const [alice, bob, carol] = devices as [Device, Device, Device];
  await carol.group.append({ text: "Carol, before" });
  await settle(devices);
  carol.online = false;
  await carol.group.append({ text: "Carol, unread" });
  await alice.group.remove(carol.group.self);
  await settle([alice, bob]);
  await alice.group.append({ text: "without Carol" });
  await settle([alice, bob]);
  carol.online = true;
  await settle(devices);
  for (const device of [alice, bob]) expect(await device.texts()).toEqual(["Carol, before", "without Carol"]);
  expect(await carol.texts()).not.toContain("without Carol");
  expect(carol.group.status().state).toBe("removed");
  await expect(carol.group.append({ text: "still here" })).rejects.toMatchObject({
    code: "ERR_NOT_MEMBER",
    reason: "removed",
  });
  const ofCarol = alice.group.status().members.find(({ name }) => name === "Carol");
  expect(ofCarol).toMatchObject({ removed: true });
});

test("messages that were shown are withdrawn, if whoever removed their author had not seen them", async () => {
  const withdrawn: (readonly string[])[] = [];
  const { devices } = await groupOf(["Alice", "Bob", "Carol"], { onWithdrawn: (ids) => withdrawn.push(ids) });
  const [alice, bob, carol] = devices as [Device, Device, Device];
  alice.online = false;
  await carol.group.append({ text: "for Bob alone" });
  await settle([carol, bob]);
  expect(await bob.texts()).toEqual(["for Bob alone"]);
  await alice.group.remove(carol.group.self);
  alice.online = true;
  await settle([alice, bob]);
  expect(await bob.texts()).toEqual([]);
  expect(withdrawn).toEqual([[`${carol.group.self}:0`]]);
});

test("a device that leaves is gone for the others, and what it wrote stays", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await bob.group.append({ text: "bye" });
  await bob.group.leave();
  await settle(devices);
  await alice.group.append({ text: "alone" });
  await settle(devices);
  expect(await alice.texts()).toEqual(["bye", "alone"]);
  expect(await bob.texts()).toEqual(["bye"]);
});

test("a newcomer without history reads from when it came, and one with history everything", async () => {
  const place = new Place();
  const [alice, bob, carol, dave] = ["Alice", "Bob", "Carol", "Dave"].map((name) => new Device(name, place));
  await alice!.open();
  await comeIn(bob!, alice!);
  await alice!.group.append({ text: "old, Alice" });
  await settle([alice!, bob!]);
  await bob!.group.append({ text: "old, Bob" });
  await settle([alice!, bob!]);
  await comeIn(carol!, alice!, { history: false });
  await settle([alice!, bob!, carol!]);
  await comeIn(dave!, alice!, { history: true });
  await settle([alice!, bob!, carol!, dave!]);
  await alice!.group.append({ text: "new, Alice" });
  await settle([alice!, bob!]);
  await bob!.group.append({ text: "new, Bob" });
  await settle([alice!, bob!, carol!, dave!]);
  expect(await carol!.texts()).toEqual(["new, Alice", "new, Bob"]);
  expect(await dave!.texts()).toEqual(["old, Alice", "old, Bob", "new, Alice", "new, Bob"]);
});

test("who was invited by a member reads all members, also those who never met it", async () => {
  const { devices, place } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const phone = new Device("Bob's phone", place);
  alice.online = false;
  await comeIn(phone, bob, { ownDevice: true });
  await phone.group.append({ text: "from the phone" });
  await settle([bob, phone]);
  expect(await bob.texts()).toEqual(["from the phone"]);
  alice.online = true;
  await alice.group.append({ text: "from Alice" });
  await settle([alice, bob, phone]);
  for (const device of [alice, bob, phone])
    expect(await device.texts()).toEqual(["from the phone", "from Alice"]);
  const persons = alice.group.status().members.map(({ person }) => person);
  expect(persons).toEqual([alice.group.self, bob.group.self, bob.group.self]);
  await expect(phone.group.invite()).rejects.toMatchObject({ code: "ERR_NOT_MEMBER", reason: "not-allowed" });
});

test("an invitation lets one device in", async () => {
  const place = new Place();
  const [alice, bob, mallory] = ["Alice", "Bob", "Mallory"].map((name) => new Device(name, place));
  await alice!.open();
  const invite = await alice!.group.invite();
  await alice!.group.sync();
  await bob!.open(invite);
  await bob!.group.sync();
  await alice!.group.sync();
  await mallory!.open(invite);
  await mallory!.group.sync().catch(() => undefined);
  await settle([alice!, bob!]);
  expect(mallory!.group.status().state).toBe("joining");
  expect(alice!.group.status().members.map(({ name }) => name)).toEqual(["Alice", "Bob"]);
});

test("what a newcomer writes before it is let in is kept, and comes with it", async () => {
  const place = new Place();
  const [alice, bob] = [new Device("Alice", place), new Device("Bob", place)];
  await alice.open();
  const invite = await alice.group.invite();
  await alice.group.sync();
  await bob.open(invite);
  await bob.group.append({ text: "early" });
  await bob.group.sync();
  await bob.restart();
  await settle([alice, bob]);
  expect(await alice.texts()).toEqual(["early"]);
});

test("the status says who can't be reached, and does not call an offline device up to date", async () => {
  const { devices } = await groupOf(["Alice", "Bob"], { now: () => 1000 });
  const [alice] = devices as [Device, Device];
  expect(alice.group.status()).toMatchObject({ state: "up-to-date", waitingToPublish: 0, upToDateAt: 1000 });
  alice.online = false;
  await alice.group.append({ text: "waits" });
  await alice.group.sync().catch(() => undefined);
  expect(alice.group.status()).toMatchObject({ state: "offline", waitingToPublish: 1 });
  alice.online = true;
  await alice.group.sync();
  expect(alice.group.status()).toMatchObject({ state: "up-to-date", waitingToPublish: 0 });
});

test("a device that is alone in its group, idle and offline, does not call itself up to date either", async () => {
  let now = 1000;
  const { devices } = await groupOf(["Alice"], { now: () => now });
  const [alice] = devices as [Device];
  expect(alice.group.status()).toMatchObject({ state: "up-to-date", upToDateAt: 1000 });
  alice.online = false;
  now = 2000;
  await alice.group.sync().catch(() => undefined);
  expect(alice.group.status()).toMatchObject({ state: "offline", waitingToPublish: 0, upToDateAt: 1000 });
  alice.online = true;
  now = 3000;
  await alice.group.sync();
  expect(alice.group.status()).toMatchObject({ state: "up-to-date", upToDateAt: 3000 });
});

test("values that do not decode are reported, and the stream continues", async () => {
  const undecodable: unknown[] = [];
  const { devices } = await groupOf(["Alice", "Bob"], {
    codec: {
      type: "note",
      version: 1,
      encode: ({ text }) => new TextEncoder().encode(text),
      decode(bytes) {
        const text = new TextDecoder().decode(bytes);
        if (text === "bad") throw new TypeError("It is bad.");
        return { text };
      },
    },
    onUndecodable: ({ author, error }) => undecodable.push([author, String(error)]),
  });
  const [alice, bob] = devices as [Device, Device];
  for (const text of ["one", "bad", "two"]) await alice.group.append({ text });
  await settle(devices);
  expect(await bob.texts()).toEqual(["one", "two"]);
  expect(undecodable).toEqual([[alice.group.self, "TypeError: It is bad."]]);
});

test("an entry of its own that is no message keeps its number, and the device opens all the same", async () => {
  const alice = new Device("Alice", new Place());
  await alice.open();
  await alice.group.append({ text: "before" });
  await alice.group.close();
  // As a newer version might have written it.
  await alice.forge(new Uint8Array([1, 2, 3]));
  for (const loses of [false, true]) {
    if (loses) alice.loseStore();
    const undecodable: string[] = [];
    await alice.open(undefined, { onUndecodable: ({ id }) => undecodable.push(id) });
    const { id } = await alice.group.append({ text: "after" });
    expect([id, undecodable]).toEqual([`${alice.group.self}:${loses ? 3 : 2}`, [`${alice.group.self}:1`]]);
    await alice.group.close();
  }
  await alice.open();
  expect(await alice.texts()).toEqual(["before", "after", "after"]);
  await alice.group.close();
});

test("a message from a clock that is days ahead waits until then, and keeps nobody else's", async () => {
  const clock = { now: 1_000_000_000_000, ahead: 0 };
  const { devices, place } = await groupOf(["Alice", "Bob"], { now: () => clock.now });
  const [alice, bob] = devices as [Device, Device];
  const carol = new Device("Carol", place, { now: () => clock.now + clock.ahead });
  await comeIn(carol, alice);
  clock.ahead = 2 * 86_400_000;
  await carol.group.append({ text: "from the future" });
  await settle([carol, alice, bob]);
  await bob.group.append({ text: "from today" });
  await settle([carol, alice, bob]);
  expect(await alice.texts()).toEqual(["from today"]);
  clock.now += 1.5 * 86_400_000;
  await settle([alice, bob]);
  expect(await alice.texts()).toEqual(["from today", "from the future"]);
});

test("a live stream delivers what comes, and ends with its signal or with the group", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const ending = new AbortController();
  const stream = bob.group.messages({ live: true, signal: ending.signal });
  const first = stream.next();
  await alice.group.append({ text: "hello" });
  await settle(devices);
  expect((await first).value).toMatchObject({
    author: alice.group.self,
    own: false,
    value: { text: "hello" },
  });
  const second = stream.next();
  const reason = new Error("enough");
  ending.abort(reason);
  await expect(second).rejects.toBe(reason);
  const another = alice.group.messages({ live: true });
  await another.next();
  const waiting = another.next();
  await alice.group.close();
  await expect(waiting).rejects.toMatchObject({ code: "ERR_CLOSED" });
  await expect(alice.group.append({ text: "late" })).rejects.toMatchObject({ code: "ERR_CLOSED" });
});

test("devices that poll by themselves come in and converge without being told", async () => {
  const place = new Place();
  const auto = { sync: "auto", pollMilliseconds: 20 } as const;
  const [alice, bob] = [new Device("Alice", place, auto), new Device("Bob", place, auto)];
  await alice.open();
  const invite = await alice.group.invite();
  await bob.open(invite);
  await bob.group.append({ text: "Bob" });
  await alice.group.append({ text: "Alice" });
  const heard: string[] = [];
  for (const { group } of [alice, bob]) {
    for await (const { value } of group.messages({ live: true })) {
      heard.push(value.text);
      if (heard.length % 2 === 0) break;
    }
  }
  expect(heard.toSorted()).toEqual(["Alice", "Alice", "Bob", "Bob"]);
  await alice.group.close();
  await bob.group.close();
});

test("a message that is no later than the one before it in its log is reported, and not shown", async () => {
  const undecodable: string[] = [];
  const { devices } = await groupOf(["Alice", "Bob"], { onUndecodable: ({ id }) => undecodable.push(id) });
  const [alice, bob] = devices as [Device, Device];
  await bob.group.append({ text: "now" });
  const { self } = bob.group;
  await bob.group.sync();
  await bob.group.close();
  const body = new TextEncoder().encode('{"text":"long ago"}');
  await bob.forge(encodeEnvelope({ time: 1, parents: [], type: "json", version: 1, body, attachments: [] }));
  await bob.forge(new TextEncoder().encode("no envelope"));
  await alice.group.sync();
  expect(await alice.texts()).toEqual(["now"]);
  expect(undecodable).toEqual([`${self}:1`, `${self}:2`]);
});
