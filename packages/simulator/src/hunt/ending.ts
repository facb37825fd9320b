// How every run ends: nothing fails any more, and all that was promised must hold.

import { delay } from "@remote-log/core/adapter";
import type { Device } from "./device.ts";
import { Follower } from "./follower.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** Longer than readers on their way get until what was removed is deleted. */
const GRACE_MILLISECONDS = 1_300_000;

/** How often a device may be told that it lacks something: once for each device and each place. */
const RECOVERIES = 4;

/** Ends all faults, lets every device finish, and checks everything. */
export async function end(world: World): Promise<void> {
  await world.settle();
  for (const place of world.places) place.faults.end();
  const [device] = world.devices as [Device];
  for (const other of world.devices.slice(1)) {
    await finish(other);
    if (other.needsRecovery) world.promises.giveUp(other.name);
  }
  await finish(device);
  const { log } = world;
  if (log === undefined) return;
  // Two devices that wrote at the same time may have signed two histories; then a new log is the way out.
  if (device.needsRecovery) return;
  await check(world, device);
}

/** Brings everything of a device to all places. */
async function finish(device: Device): Promise<void> {
  device.outlive();
  await device.close();
  for (let i = 0; i < RECOVERIES; i++) {
    const result = await device.do("publishes in the end", (writer) => writer.publish());
    if (result === "done") return;
    if (result === "ERR_CONFLICT") {
      device.needsRecovery = true;
      return;
    }
    if (!device.needsRecovery && i === 0) {
      // A place that lost what its name leads to says so, and is mended on request.
      const repaired = await device.do("repairs in the end", async (writer) => void (await writer.repair()));
      if (repaired === "done") continue;
    }
    if (!device.needsRecovery)
      throw new Violation("not-published", `${device.name} can't publish on places that work: ${result}.`);
    await device.close();
  }
}

async function check(world: World, device: Device): Promise<void> {
  const { places, promises } = world;
  const log = world.log!;
  const all = async (what: string, work: Parameters<Device["do"]>[1]): Promise<void> => {
    const result = await device.do(what, work);
    if (result !== "done") throw new Violation("writer-fails", `${device.name} ${what}: ${result}`);
  };
  if (places.some(({ isHarmed }) => isHarmed))
    await all("repairs", async (writer) => void (await writer.repair()));
  let size = 0;
  await all("reads its journal", async (writer) => {
    ({ size } = writer);
    promises.checkWhole(await device.contents(writer), "the journal");
  });
  for (const place of places)
    await new Follower(`a new reader of ${place.label}`, [place], promises).readAll(log, size);
  for (const follower of world.followers) await follower.readAll(log, size);

  // What comes later is looked at if something is left to be deleted, and in some of the other stories.
  if (promises.removedContents().length === 0 && size % 3 !== 0) return device.close();
  await delay(GRACE_MILLISECONDS, undefined);
  await all("publishes once more", (writer) => writer.publish());
  await delay(GRACE_MILLISECONDS, undefined);
  const before = places.map(({ writes }) => writes);
  await all("publishes nothing", (writer) => writer.publish());
  for (const [i, { label, writes }] of places.entries()) {
    if (writes !== before[i])
      throw new Violation(
        "idle-publish-writes",
        `${writes - before[i]!} calls changed ${label} without news.`,
      );
  }
  for (const place of places) {
    // A writer that was told lies believes nothing of the place any more: what it had sent by then may be left there.
    if (!place.isHarmed && !place.faults.haveLied && !promises.isShared)
      checkForgotten(place.contents, promises.removedContents(), place.label);
    // What was deleted meanwhile, nobody needs. Of two devices that write in turns, one may delete what only the other needs.
    if (promises.removedContents().length > 0 && world.devices.length === 1)
      await new Follower(`a last reader of ${place.label}`, [place], promises).readAll(log, size);
  }
  await device.close();
}

/** What was removed is in no object any more. */
function checkForgotten(
  contents: ReadonlyMap<string, Uint8Array>,
  removed: readonly string[],
  where: string,
): void {
  const texts = [...contents.values()].map((content) => Buffer.from(content).toString("latin1"));
  for (const content of removed) {
    if (texts.some((text) => text.includes(content)))
      throw new Violation("removed-still-stored", `${where} still has "${content}".`);
  }
}
