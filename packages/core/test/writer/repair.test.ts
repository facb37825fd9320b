// Repairs: what they find, send and tell, what they cost, and what confirming costs.

import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import { openWriter, type Remote, type Writer } from "../../src/index.ts";
import { text } from "./log-contents.ts";
import { counted, Device, Place, published, shown, whole } from "./place-and-device.ts";
import { wrapRemote } from "./wrapped-remote.ts";

test("a repair finds what was lost, sends that and nothing else, and says how much it was", async () => {
  const place = new Place();
  const device = await published(place);
  const addresses = [...place.contents.keys()];
  const lost = addresses.filter((_, i) => i % 7 === 3);
  for (const address of lost) place.contents.delete(address);
  const { remote, counts } = counted(place.remote);
  await device.open(remote);
  const progress: number[] = [];
  const repaired = await device.writer!.repair({
    remote: "place",
    onProgress: ({ checked }) => progress.push(checked),
  });
  expect(repaired.remotes).toEqual([{ label: "place", checked: progress.length, putBack: lost.length }]);
  expect(progress).toEqual(progress.map((_, i) => i + 1));
  expect(counts["put"]).toBe(lost.length);
  expect(await shown(device, place.remote)).toEqual(whole(device));
  expect((await device.writer!.repair()).remotes).toMatchObject([{ putBack: 0 }]);
  await expect(device.writer!.repair({ remote: "no such place" })).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
});

test("with a list, a repair asks once for everything that is stored", async () => {
  const place = new Place();
  const device = await published(place, 300);
  const lost = [...place.contents.keys()].at(-3)!;
  place.contents.delete(lost);
  const { remote, counts } = counted(place.remote);
  let lists = 0;
  const list: Remote["storage"]["list"] = async function* (options) {
    lists++;
    yield* place.remote.storage.list!(options);
  };
  await device.open({ ...remote, storage: { ...remote.storage, list } });
  const { remotes } = await device.writer!.repair();
  expect(remotes[0]!.putBack).toBe(1);
  expect(remotes[0]!.checked).toBeGreaterThan(200);
  expect([lists, counts["has"], counts["put"]]).toEqual([1, 64, 1]);
});

test("a repair that ends on the way continues there, in another process, too", async () => {
  const place = new Place();
  const device = await published(place, 120);
  const objects = place.contents.size;
  place.empty();
  let puts = 0;
  let left = 0;
  for (let lives = 0; lives < 12; lives++) {
    left = 40;
    const controller = new AbortController();
    await device.open(
      wrapRemote(place.remote, (call, proceed) => {
        if (call.kind === "put") {
          if (left-- === 0) controller.abort(new Error("killed"));
          puts++;
        }
        return proceed();
      }),
    );
    await device.writer!.publish({ signal: controller.signal }).catch(() => undefined);
  }
  expect(await shown(device, place.remote)).toEqual(whole(device));
  expect(puts).toBeLessThanOrEqual(1.5 * objects);
});

test("a repair that reads finds every object whose bytes are not what was stored", async () => {
  const place = new Place();
  const device = await published(place, 100);
  for (const address of [...place.contents.keys()].slice(10, 20))
    place.contents.set(address, text("rubbish"));
  await device.open(place.remote);
  const { remotes } = await device.writer!.repair({ reads: true });
  expect(remotes[0]!.putBack).toBe(10);
  expect(await shown(device, place.remote)).toEqual(whole(device));
});

test("a storage that keeps nothing of what it acknowledges is told, after it was sent everything twice", async () => {
  const place = new Place();
  const { remote, counts } = counted(place.remote);
  const device = new Device();
  await device.open({
    ...remote,
    storage: {
      ...remote.storage,
      put: async (content, options) => {
        const address = await remote.storage.put(content, options);
        place.contents.clear();
        return address;
      },
    },
  });
  onTestFinished(() => device.writer!.close());
  await device.append(10);
  await expect(device.writer!.publish()).rejects.toMatchObject({
    code: "ERR_REMOTE_CHANGED",
    reason: "not-kept",
    retry: "never",
  });
  expect(device.writer!.status().remotes[0]).toMatchObject({ confirmed: 0 });
  expect(counts["put"]).toBeLessThan(100);
});

test("what confirming costs: the counts that docs/how-it-works.md gives", async () => {
  const { remote, counts } = counted(new Place().remote);
  const journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  const open = async (): Promise<Writer> => {
    await journal.open();
    return openWriter({
      settings: { visibility: "public" },
      seed: new Uint8Array(32).fill(5),
      journal,
      remotes: [remote],
      publish: "manual",
    });
  };
  const publish = async (writer: Writer): Promise<number> => {
    Object.assign(counts, { get: 0, resolve: 0 });
    await writer.publish();
    return counts["get"]!;
  };
  const first = await open();
  const gets: number[] = [];
  for (let i = 0; i < 320; i++) {
    await first.append(text(`${i}`));
    gets.push(await publish(first));
    if (i > 0) expect(counts["resolve"]).toBe(1);
  }
  // Every eighth entry completes a page.
  expect(gets.filter((_, i) => i === 0 || i % 8 !== 0).every((count) => count === 0)).toBe(true);
  expect(Math.max(...gets)).toBeLessThanOrEqual(2);
  expect(gets.reduce((sum, count) => sum + count) / 320).toBeLessThanOrEqual(0.16);
  await first.close();
  const second = await open();
  expect(await publish(second)).toBeLessThanOrEqual(6);
  expect(await publish(second)).toBe(0);
  expect([counts["resolve"], counts["has"]]).toEqual([0, 0]);
  await second.close();
});
