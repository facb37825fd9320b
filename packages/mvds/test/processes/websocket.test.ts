import { expect, test } from "vitest";
import { COUNT, twoDevices } from "./processes.ts";

test(`two processes over a WebSocket, one of which is killed on the way, have all ${2 * COUNT} messages, whole and in causal order`, async () => {
  const devices = await twoDevices();
  const alice = devices.start("alice", {});
  await alice.until(({ url }) => url !== undefined, "an address");
  const dialing = { url: alice.said.url };
  // It does not send all of them, so that neither can be done before it is killed.
  const first = devices.start("bob", { ...dialing, sends: COUNT / 2 });
  await first.until(({ delivered = 0 }) => delivered >= COUNT / 3, "a third of the messages");
  await first.kill();
  const bob = devices.start("bob", dialing);
  for (const life of [alice, bob]) await life.until(({ done }) => done === true, "everything");
  for (const life of [alice, bob]) await life.end();
  await devices.check();
  // Between two connections the other one can't be reached.
  const events = [...alice.events, ...bob.events].filter((event) => !event.startsWith("send-failed: Peer"));
  expect(events).toEqual([]);
});
