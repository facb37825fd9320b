// A device whose databases were put back from a backup: it forks no log, loses nothing that was published, and says how it stands.

import { expect, test } from "vitest";
import type { GroupOptions } from "../src/index.ts";
import { comeIn, Device, groupOf, type Note, settle } from "./devices.ts";

/** Alice, up to date, and Bob, whose program is closed: what he has is from before he wrote "two", which Alice has read. */
async function putBack(
  which: Parameters<Device["backUp"]>[0],
  options: Partial<GroupOptions<Note>> = {},
): Promise<{ readonly alice: Device; readonly bob: Device }> {
  const { devices } = await groupOf(["Alice", "Bob"], options);
  const [alice, bob] = devices as [Device, Device];
  await bob.group.append({ text: "one" });
  const restore = await bob.backUp(which);
  await bob.group.append({ text: "two" });
  await settle(devices);
  await bob.group.close();
  await restore();
  return { alice, bob };
}

test("a journal that is older than its store appends nothing until it has read back what it lacks", async () => {
  const { alice, bob } = await putBack({ store: false });
  bob.online = false;
  await bob.open();
  expect(bob.group.status().state).toBe("recovering");
  expect(await bob.texts()).toEqual(["one", "two"]);
  await expect(bob.group.append({ text: "lost" })).rejects.toMatchObject({ code: "ERR_RESTORED" });
  await bob.group.sync().catch(() => undefined);
  expect(bob.group.status().state).toBe("recovering");
  bob.online = true;
  await bob.group.sync();
  expect(bob.group.status().state).toBe("up-to-date");
  await bob.group.append({ text: "three" });
  await settle([alice, bob]);
  for (const device of [alice, bob]) expect(await device.texts()).toEqual(["one", "two", "three"]);
  await bob.restart();
  expect(await bob.texts()).toEqual(["one", "two", "three"]);
});

test("what was not published when a journal was put back is told as lost, and no other message gets its number", async () => {
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await bob.group.append({ text: "one" });
  await settle(devices);
  const restore = await bob.backUp({ store: false });
  await bob.group.append({ text: "never published" });
  await bob.group.close();
  await restore();
  await bob.open();
  await bob.group.sync();
  expect(bob.group.status().state).toBe("recovering");
  await expect(bob.group.append({ text: "other" })).rejects.toMatchObject({ code: "ERR_RESTORED" });
  // It is still in the store, and readable here.
  expect(await bob.texts()).toEqual(["one", "never published"]);
  expect(await alice.texts()).toEqual(["one"]);
});

test("a device that was put back whole, and wrote since, keeps both: what was published, and what it wrote", async () => {
  const withdrawn: (readonly string[])[] = [];
  const { alice, bob } = await putBack({ store: true }, { onWithdrawn: (ids) => withdrawn.push(ids) });
  bob.online = false;
  await bob.open();
  const { id } = await bob.group.append({ text: "since" });
  expect(await bob.texts()).toEqual(["one", "since"]);
  bob.online = true;
  await bob.group.sync();
  expect(withdrawn).toEqual([[id]]);
  await settle([alice, bob]);
  for (const device of [alice, bob]) expect(await device.texts()).toEqual(["one", "two", "since"]);
  expect(bob.group.status()).toMatchObject({ state: "up-to-date", waitingToPublish: 0 });
  expect(alice.group.status().state).toBe("up-to-date");
});

test("a device that was put back publishes by itself again once it is online", async () => {
  const { alice, bob } = await putBack({ store: true });
  await bob.open(undefined, { sync: "auto", pollMilliseconds: 20 });
  const message = await bob.group.append({ text: "since" });
  await message.published().catch(() => undefined);
  for await (const { state, waitingToPublish } of bob.group.watch())
    if (state === "up-to-date" && waitingToPublish === 0) break;
  await bob.group.close();
  await alice.group.sync();
  expect(await alice.texts()).toEqual(["one", "two", "since"]);
});

test("a founder that was put back keeps who is a member", async () => {
  const { devices, place } = await groupOf(["Alice", "Bob"]);
  const [alice] = devices as [Device];
  for (const store of [false, true]) {
    const restore = await alice.backUp({ store });
    const newcomer = new Device(`Newcomer ${store}`, place);
    await comeIn(newcomer, alice);
    await newcomer.group.append({ text: `hello ${store}` });
    await newcomer.group.sync();
    await alice.group.close();
    await restore();
    await alice.open();
    await settle([alice, newcomer]);
    expect(alice.group.status()).toMatchObject({ state: "up-to-date" });
    expect(alice.group.status().members.map(({ name }) => name)).toContain(`Newcomer ${store}`);
    expect(await alice.texts()).toContain(`hello ${store}`);
  }
});
