import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { COUNT, twoDevices } from "./processes.ts";

test(`two processes over a folder, one of which is killed on the way, have all ${2 * COUNT} messages, whole and in causal order`, async () => {
  const devices = await twoDevices();
  const stick = { stick: await temporaryFolder() };
  const alice = devices.start("alice", stick);
  // It does not send all of them, so that neither can be done before it is killed.
  const first = devices.start("bob", { ...stick, sends: COUNT / 2 });
  await first.until(({ delivered = 0 }) => delivered >= COUNT / 3, "a third of the messages");
  await first.kill();
  const bob = devices.start("bob", stick);
  for (const life of [alice, bob]) await life.until(({ done }) => done === true, "everything");
  for (const life of [alice, bob]) await life.end();
  await devices.check();
  expect([...alice.events, ...bob.events]).toEqual([]);
});
