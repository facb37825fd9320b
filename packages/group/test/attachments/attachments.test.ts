import { randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import type { Message } from "../../src/index.ts";
import { type Device, groupOf, type Note, settle } from "../devices.ts";

const MIB = 1_048_576;

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const held: Uint8Array[] = [];
  for await (const piece of pieces) held.push(piece);
  return Buffer.concat(held);
}

async function newest({ group }: Device): Promise<Message<Note>> {
  let last: Message<Note> | undefined;
  for await (const message of group.messages()) last = message;
  return last!;
}

async function* piecesOf(
  bytes: Uint8Array,
  size: number,
  cutAt = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    if (at >= cutAt) throw new Error("The disk is gone.");
    yield bytes.subarray(at, at + size);
  }
}

test("what is attached is read by the others, whole and from a byte on, and by its author offline", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const photo = randomBytes(2 * MIB + 12_345);
  const done: number[] = [];
  const attachment = await alice.group.attach(piecesOf(photo, 100_000), {
    onProgress: (progress) => done.push(progress.done),
  });
  expect(done).toEqual([MIB, 2 * MIB, photo.length]);
  await alice.group.append({ text: "Look!" }, { attachments: [attachment] });
  await settle(devices);
  const [received] = (await newest(bob)).attachments;
  expect(received?.bytes).toBe(photo.length);
  const progress: unknown[] = [];
  expect((await all(received!.open({ onProgress: (now) => progress.push(now) }))).equals(photo)).toBe(true);
  expect(progress[2]).toEqual({ done: photo.length, bytes: photo.length });
  for (const from of [1, MIB - 1, MIB, 2 * MIB + 5, photo.length])
    expect((await all(received!.open({ from }))).equals(photo.subarray(from))).toBe(true);
  alice.online = false;
  expect((await all((await newest(alice)).attachments[0]!.open())).equals(photo)).toBe(true);
});

test("nothing is fetched before it is asked for, and parts before a byte are not fetched", async () => {
  const { devices, place } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const attachment = await alice.group.attach(randomBytes(3 * MIB));
  await alice.group.append({ text: "large" }, { attachments: [attachment] });
  await alice.group.sync();
  const before = place.bytesRead;
  await bob.group.sync();
  expect(place.bytesRead - before).toBeLessThan(100_000);
  const [received] = (await newest(bob)).attachments;
  const whole = place.bytesRead;
  await all(received!.open({ from: 2 * MIB }));
  expect(place.bytesRead - whole).toBeGreaterThan(MIB);
  expect(place.bytesRead - whole).toBeLessThan(1.5 * MIB);
});

test("attaching that was cut off continues behind what is there, also when something else came between", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const film = randomBytes(4 * MIB);
  const cut = alice.group.attach(piecesOf(film, 500_000, 2.5 * MIB), { resume: "film" });
  await expect(cut).rejects.toThrow("The disk is gone.");
  const other = await alice.group.attach(randomBytes(10));
  await alice.restart();
  const attachment = await alice.group.attach(piecesOf(film, 300_000), { resume: "film" });
  expect(attachment.parts).toEqual([
    { first: 0, count: 2 },
    { first: 3, count: 2 },
  ]);
  expect(other.parts).toEqual([{ first: 2, count: 1 }]);
  await alice.group.append({ text: "film" }, { attachments: [attachment] });
  await settle(devices);
  expect((await all((await newest(bob)).attachments[0]!.open())).equals(film)).toBe(true);
  const another = await alice.group.attach(randomBytes(10), { resume: "film" });
  expect(another.parts).toEqual([{ first: 5, count: 1 }]);
});

test("what its author has not published is not there yet, and nobody is accused", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const first = await alice.group.attach(randomBytes(10));
  await alice.group.append({ text: "first" }, { attachments: [first] });
  await settle(devices);
  const second = { ...first, parts: [{ first: 1, count: 1 }] };
  await alice.group.append({ text: "second" }, { attachments: [second] });
  await settle(devices);
  const [received] = (await newest(bob)).attachments;
  await expect(all(received!.open())).rejects.toMatchObject({ code: "ERR_NOT_FOUND", retry: "safe" });
});

test("an attachment that has not the bytes that its author says is refused", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const attachment = await alice.group.attach(randomBytes(10));
  for (const bytes of [9, 11]) {
    await alice.group.append({ text: "wrong" }, { attachments: [{ ...attachment, bytes }] });
    await settle(devices);
    const [received] = (await newest(bob)).attachments;
    await expect(all(received!.open())).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
  }
});

test("who was removed can't open what is attached afterwards", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  const before = await alice.group.attach(randomBytes(10));
  await alice.group.remove(bob.group.self);
  const after = await alice.group.attach(randomBytes(10));
  expect(Buffer.from(after.key).equals(before.key)).toBe(false);
});
