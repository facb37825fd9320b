// The story of devices that are never online together, on any remote.

import { expect } from "vitest";
import { Device, type DeviceOptions } from "./devices.ts";

/** What the databases of a device say that still waits for others. */
async function waitingOf(device: Device, all: readonly Device[]): Promise<unknown> {
  let waiting: unknown;
  await device.online(all, async ({ node }) => {
    await node.syncLogs();
    waiting = node.status().waiting;
  });
  return waiting;
}

/**
 * Three devices, each online for a moment and never with another, deliver everything once.
 *
 * @returns what still waits on each in the end
 */
export async function converge(options: DeviceOptions): Promise<unknown[]> {
  const all = await Device.group(["alice", "bob", "carol"], options);
  const [alice, bob, carol] = all as [Device, Device, Device];
  await alice.send(all, "a1", "a2");
  await bob.send(all, "b1");
  await carol.send(all, "c1");
  await alice.send(all);
  await bob.send(all, "b2");
  for (let round = 0; round < 2; round++) for (const device of all) await device.send(all);
  expect([...alice.delivered].sort()).toEqual(["b1", "b2", "c1"]);
  expect([...bob.delivered].sort()).toEqual(["a1", "a2", "c1"]);
  expect([...carol.delivered].sort()).toEqual(["a1", "a2", "b1", "b2"]);
  const waiting: unknown[] = [];
  for (const device of all) waiting.push(await waitingOf(device, all));
  for (const { events, name } of all) {
    const failures = events.filter(({ kind }) => kind !== "acknowledged");
    // Before the others had published anything, there was nothing to read.
    expect(
      failures.every((event) => event.kind === "log-failed" && event.peer !== undefined),
      name,
    ).toBe(true);
  }
  return waiting;
}
