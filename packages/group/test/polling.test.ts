import { afterEach, expect, test, vi } from "vitest";
import { type Device, groupOf } from "./devices.ts";

afterEach(() => vi.unstubAllGlobals());

/** What a browser tells its pages. */
function stubRuntime(): EventTarget {
  const runtime = new EventTarget();
  vi.stubGlobal("addEventListener", runtime.addEventListener.bind(runtime));
  vi.stubGlobal("removeEventListener", runtime.removeEventListener.bind(runtime));
  return runtime;
}

test("a device that comes online reads at once what it had missed, however long its polls are apart", async () => {
  const runtime = stubRuntime();
  const { devices } = await groupOf(["Alice", "Bob"]);
  const [alice, bob] = devices as [Device, Device];
  await bob.group.close();
  bob.online = false;
  await bob.open(undefined, { sync: "auto", pollMilliseconds: 2 ** 31 - 1 });
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
  await alice.open(undefined, { sync: "auto", pollMilliseconds: 2 ** 31 - 1 });
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
