// A member with a valid invitation who lies, and a storage that does: what they reach, and what they don't. Each device writes its own
// logs alone; so a lie is an entry of those.

import { formatLink } from "@remote-log/core";
import { generateIdentity, recipientOf } from "@remote-log/core/keyring";
import { encode } from "cborg";
import { expect, test } from "vitest";
import type { Card, MembershipRecord } from "../../src/members/records.ts";
import { type Envelope, encodeEnvelope } from "../../src/wire/envelope.ts";
import { comeIn, Device, groupOf, type Place, settle } from "../devices.ts";

const body = new TextEncoder().encode('{"text":"a lie"}');
const DAY = 86_400_000;

function message(more: Partial<Envelope>): Uint8Array {
  const plain = { time: Date.now(), parents: [], type: "json", version: 1, body, attachments: [] };
  return encodeEnvelope({ ...plain, ...more });
}

/** A group in which Mallory is a member, and has closed her program. */
async function withMallory(): Promise<{
  alice: Device;
  bob: Device;
  mallory: Device;
  self: string;
  place: Place;
}> {
  const { devices, place } = await groupOf(["Alice", "Bob", "Mallory"]);
  const [alice, bob, mallory] = devices as [Device, Device, Device];
  await alice.group.append({ text: "true" });
  await settle(devices);
  const { self } = mallory.group;
  await mallory.group.close();
  return { alice, bob, mallory, self, place };
}

test("who names as parents what nobody wrote, or others' messages of tomorrow, delays nobody and costs nothing", async () => {
  const { alice, bob, mallory } = await withMallory();
  const strangers = Array.from({ length: 200 }, (_, i) => ({
    log: i.toString(16).padStart(64, "0"),
    sequence: i,
  }));
  await mallory.forge(message({ parents: [...strangers, { log: alice.group.self, sequence: 1_000_000 }] }));
  await settle([bob]);
  expect(await bob.texts()).toEqual(["true", "a lie"]);
  await alice.group.append({ text: "later" });
  await settle([alice, bob]);
  await bob.group.append({ text: "and later" });
  await settle([alice, bob]);
  for (const device of [alice, bob]) expect((await device.texts()).slice(-2)).toEqual(["later", "and later"]);
});

test("a clock that is years ahead holds back its own messages, and moves nobody's", async () => {
  const { alice, bob, mallory } = await withMallory();
  await mallory.forge(message({ time: Date.now() + 3650 * DAY }));
  await mallory.forge(message({ time: Date.now() + 3651 * DAY }));
  await settle([alice, bob]);
  const { time } = await bob.group.append({ text: "on time" });
  expect(time).toBeLessThan(Date.now() + DAY);
  await settle([alice, bob]);
  expect(await alice.texts()).toEqual(["true", "on time"]);
});

test("one that is ahead by less than a day moves the others' by no more than that", async () => {
  const { alice, bob, mallory } = await withMallory();
  await mallory.forge(message({ time: Date.now() + DAY - 60_000 }));
  await settle([bob]);
  const { time } = await bob.group.append({ text: "after it" });
  expect(time).toBeLessThan(Date.now() + DAY);
  await settle([alice, bob]);
  expect(await alice.texts()).toEqual(["true", "a lie", "after it"]);
});

test("a message as large as a log takes is one message, and garbage is none", async () => {
  const { alice, mallory, self } = await withMallory();
  const large = new TextEncoder().encode(JSON.stringify({ text: "x".repeat(8_000_000) }));
  await mallory.forge(message({ body: large }));
  for (const garbage of [new Uint8Array(0), new Uint8Array(1000).fill(0x81), encode([1, 2, 3])])
    await mallory.forge(garbage);
  await mallory.forge(message({}));
  await settle([alice]);
  expect((await alice.texts()).map(({ length }) => length)).toEqual([4, 8_000_000, 5]);
  const [, , last] = [...alice.group.status().members].filter(({ id }) => id === self);
  expect(last?.error).toBeUndefined();
});

test("attachments whose parts lie fail when they are opened, by as much as was said at most", async () => {
  const { alice, mallory } = await withMallory();
  const key = new Uint8Array(32).fill(1);
  const wrong = { parts: [{ first: 0, count: 2 ** 40 }], bytes: 2 ** 40, size: 1, key };
  await mallory.forge(message({ attachments: [wrong, { ...wrong, parts: [] }] }));
  await settle([alice]);
  const attachments = [];
  for await (const one of alice.group.messages()) attachments.push(...one.attachments);
  expect(attachments.length).toBe(2);
  for (const attachment of attachments)
    await expect(attachment.open().next()).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_(NOT_FOUND|NO_KEY|INTEGRITY)$/),
    });
});

/** What Mallory says of the members, as nobody's program would; her program lets the others read it. */
async function say(mallory: Device, ...records: readonly MembershipRecord[]): Promise<void> {
  await mallory.forgeRecords(...records);
  await mallory.open();
  await mallory.group.sync();
}

test("who is no admin removes nobody, lets in nobody, and takes the founder's place neither", async () => {
  const { alice, bob, mallory, self } = await withMallory();
  const card = await cardOf("1");
  const ids = alice.group.status().members.map(({ id }) => id);
  await say(
    mallory,
    ...ids.filter((id) => id !== self).map(removal),
    { type: "create", card },
    { type: "add", card, invite: 0, given: [], ownDevice: false, admin: true, history: true },
  );
  await settle([alice, bob]);
  for (const { group } of [alice, bob]) {
    expect(group.status().members.map(({ name, removed, admin }) => [name, removed, admin])).toEqual([
      ["Alice", false, true],
      ["Bob", false, false],
      ["Mallory", false, false],
    ]);
  }
});

test("thousands of devices of hers are sixteen, which may do nothing, and are removed at once", async () => {
  const { alice, bob, mallory, self } = await withMallory();
  const rights = { ownDevice: true, admin: true, history: true };
  const one = await cardOf("0");
  const cards = Array.from({ length: 2000 }, (_, i) => ({
    ...one,
    messages: link(i.toString(16).padStart(64, "a")),
    control: link(i.toString(16).padStart(64, "b")),
  }));
  await say(
    mallory,
    ...cards.map((card) => ({ type: "add", card, invite: 0, given: [], ...rights }) as const),
  );
  await settle([bob, alice]);
  expect(bob.group.status().members.length).toBe(2 + 16);
  expect(bob.group.status().members.filter(({ admin }) => admin).length).toBe(1);
  await bob.group.append({ text: "still here" });
  await alice.group.remove(
    alice.group
      .status()
      .members.filter(({ person }) => person === self)
      .map(({ id }) => id),
  );
  await settle([alice, bob]);
  for (const { group } of [alice, bob])
    expect(group.status().members.flatMap(({ name, removed }) => (removed ? [] : [name]))).toEqual([
      "Alice",
      "Bob",
    ]);
  expect(await alice.texts()).toEqual(["true", "still here"]);
});

test("a recipient that nobody can have keeps nobody from reading and writing", async () => {
  const { alice, bob, mallory, place } = await withMallory();
  const rights = { ownDevice: true, admin: false, history: false };
  const none = { ...(await cardOf("1")), recipient: `age1${"q".repeat(58)}` };
  await say(mallory, { type: "add", card: none, invite: 0, given: [], ...rights });
  await settle([alice, bob]);
  const carol = new Device("Carol", place);
  await comeIn(carol, alice);
  await carol.group.append({ text: "Carol" });
  await settle([carol, alice, bob]);
  for (const device of [alice, bob, carol]) expect(await device.texts()).toEqual(["true", "Carol"]);
});

test("a storage that shows an old state again, or nothing, is told, and takes back nothing", async () => {
  const { alice, bob, place } = await withMallory();
  const showOld = place.remember();
  await alice.group.append({ text: "newer" });
  await settle([alice, bob]);
  showOld();
  await bob.group.sync().catch(() => undefined);
  expect(await bob.texts()).toEqual(["true", "newer"]);
  const ofAlice = bob.group.status().members.find(({ name }) => name === "Alice");
  expect(ofAlice?.error).toMatchObject({ code: expect.stringMatching(/^ERR_(ROLLBACK|STALE)$/) });
  expect(bob.group.status().state).not.toBe("up-to-date");
});

function removal(member: string): MembershipRecord {
  return { type: "remove", member, messages: 0, control: 0 };
}

function link(logId: string): string {
  return formatLink({ logId, remotes: ["memory:place"] });
}

/** The card of a device that nobody has. */
async function cardOf(digit: string): Promise<Card> {
  return {
    messages: link(digit.repeat(64)),
    control: link(`${digit.repeat(63)}c`),
    attachments: link(`${digit.repeat(63)}d`),
    recipient: await recipientOf(await generateIdentity()),
    name: `Device ${digit}`,
  };
}
