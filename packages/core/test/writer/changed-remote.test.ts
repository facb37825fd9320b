// A remote that changed under its writer: emptied, set back, exchanged for another place, or without some of its objects. What
// the journal believes of it is then wrong, and a reader with nothing has to get every entry all the same.

import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fsRemote } from "@remote-log/fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { mirrorLog, openReader, type Remote } from "../../src/index.ts";
import { text } from "./log-contents.ts";
import { Device, Place, published, shown, whole } from "./place-and-device.ts";
import { wrapRemote } from "./wrapped-remote.ts";

/** Every way in which a place is not what it was. Each is applied to one with 40 entries, 20 of them published earlier. */
const changes: Record<string, (place: Place, earlier: Place) => void> = {
  emptied: (place) => place.empty(),
  "emptied, but for its name": (place) => place.contents.clear(),
  "without its names": (place) => place.table.values.clear(),
  "set back to an earlier state": (place, earlier) => place.become(earlier),
  "set back, but for its contents": (place, { table }) => place.become({ table }),
  "set back, but for its name": (place, { contents }) => place.become({ contents }),
};

for (const [change, apply] of Object.entries(changes)) {
  test.each([
    ["at the next process", true, 1],
    ["at the next process, which has nothing new", true, 0],
    ["in one process", false, 3],
  ])(`a remote that was ${change} gets all entries back: %s`, async (_, reopen, more) => {
    const place = new Place();
    const device = await published(place, 20);
    const earlier = place.copy();
    await device.append(20);
    await device.writer!.publish();
    apply(place, earlier);
    if (reopen) await device.open(place.remote);
    if (more > 0) await device.append(more);
    await device.writer!.publish();
    expect(await shown(device, place.remote)).toEqual(whole(device));
  });
}

test("a place that another copy of the log was mirrored to is believed nothing of", async () => {
  const place = new Place();
  const device = await published(place, 30);
  const other = new Place();
  const reader = await openReader({ logId: device.writer!.logId, remotes: [place.remote] });
  await mirrorLog({ reader, to: other.remote });
  await reader.close();
  // The mirror took no id along: it is another place.
  expect(other.id(device.writer!.logId)).toBe("");
  await device.append(10);
  await device.writer!.publish();
  await device.open(other.remote);
  await device.writer!.publish();
  expect(await shown(device, other.remote)).toEqual(whole(device));
  expect(other.id(device.writer!.logId)).toMatch(/^[0-9a-f]{32}$/);
  expect(other.id(device.writer!.logId)).not.toBe(place.id(device.writer!.logId));
});

test("a place keeps its id, and a place made anew gets another", async () => {
  const place = new Place();
  const device = await published(place, 3);
  const { logId } = device.writer!;
  const first = place.id(logId);
  await device.append(3);
  await device.writer!.publish();
  await device.open(place.remote);
  await device.append(3);
  await device.writer!.publish();
  expect(place.id(logId)).toBe(first);
  place.empty();
  await device.append(1);
  await device.writer!.publish();
  expect(place.id(logId)).toMatch(/^[0-9a-f]{32}$/);
  expect(place.id(logId)).not.toBe(first);
});

test("two places that take turns under one label are both whole, each time", async () => {
  const [one, two] = [new Place(), new Place()];
  const device = await published(one, 10);
  for (const place of [two, one, two, two, one]) {
    await device.open(place.remote);
    await device.append(5);
    await device.writer!.publish();
    expect(await shown(device, place.remote)).toEqual(whole(device));
  }
});

test("automatic publishing puts back what is missing by itself", async () => {
  const place = new Place();
  const device = await published(place);
  place.empty();
  await device.open(place.remote, "auto");
  await device.append(1);
  await vi.waitFor(() => expect(device.writer!.status().remotes[0]).toMatchObject({ confirmed: 41 }), 60_000);
  expect(await shown(device, place.remote)).toEqual(whole(device));
});

test("bytes of the newest page that are not what was stored are replaced once they are read back", async () => {
  const place = new Place();
  const device = await published(place);
  const reader = await openReader({ logId: device.writer!.logId, remotes: [place.remote] });
  await reader.sync();
  const newest = reader.views[0]!.head.levels[0]!.refs.at(-1)!.address.toString();
  await reader.close();
  place.contents.set(newest, text("rubbish"));
  await device.open(place.remote);
  await device.writer!.publish();
  expect(await shown(device, place.remote)).toEqual(whole(device));
});

test("a backlog that was cut off, and whose objects were lost before any name was set, is stored whole", async () => {
  const place = new Place();
  const device = new Device();
  const controller = new AbortController();
  let puts = 0;
  await device.open(
    wrapRemote(place.remote, (call, proceed) => {
      if (call.kind === "put" && puts++ === 60) controller.abort(new Error("killed"));
      return proceed();
    }),
  );
  onTestFinished(() => device.writer!.close());
  await device.append(120);
  await device.writer!.publish({ signal: controller.signal }).catch(() => undefined);
  place.empty();
  await device.open(place.remote);
  await device.writer!.publish();
  expect(await shown(device, place.remote)).toEqual(whole(device));
});

/** A folder remote below a folder of its own. */
async function folder(): Promise<{ root: string; remote: () => Remote }> {
  const parent = await mkdtemp(join(tmpdir(), "changed-"));
  onTestFinished(() => rm(parent, { recursive: true }));
  const root = join(parent, "drive");
  return { root, remote: () => fsRemote({ label: "place", root }) };
}

test.each([
  ["is gone", (root: string) => rm(root, { recursive: true })],
  [
    "is empty, as a mount point is",
    async (root: string) => {
      for (const name of await readdir(root)) await rm(join(root, name), { recursive: true });
    },
  ],
])("a folder that %s is not made anew unasked, and by a repair it is", async (_, lose) => {
  const { root, remote } = await folder();
  const device = new Device();
  await device.open(remote());
  onTestFinished(() => device.writer!.close());
  await device.append(10);
  await device.writer!.publish();
  await lose(root);
  await device.open(remote());
  await device.append(1);
  const gone = { code: "ERR_REMOTE_CHANGED", reason: "gone", retry: "safe" };
  await expect(device.writer!.publish()).rejects.toMatchObject(gone);
  await expect(device.writer!.publish()).rejects.toMatchObject(gone);
  expect(await readdir(root).catch(() => [])).toEqual([]);
  expect((await device.writer!.repair()).remotes[0]!.putBack).toBeGreaterThan(5);
  expect(await shown(device, remote())).toEqual(whole(device));
});

test("a drive that is mounted again is published to as before", async () => {
  const { root, remote } = await folder();
  const device = new Device();
  await device.open(remote());
  onTestFinished(() => device.writer!.close());
  await device.append(10);
  await device.writer!.publish();
  await rename(root, `${root}-unplugged`);
  await device.open(remote());
  await device.append(1);
  await expect(device.writer!.publish()).rejects.toMatchObject({ code: "ERR_REMOTE_CHANGED" });
  await rename(`${root}-unplugged`, root);
  await device.writer!.publish();
  expect(await shown(device, remote())).toEqual(whole(device));
});

test("a recovery from a place that was set back believes nothing of it", async () => {
  const place = new Place();
  const device = await published(place, 20);
  const earlier = place.copy();
  await device.append(20);
  await device.writer!.publish();
  place.become(earlier);
  const writer = await device.open(place.remote);
  await writer.recover();
  await writer.publish();
  expect(await shown(device, place.remote)).toEqual(whole(device));
});
