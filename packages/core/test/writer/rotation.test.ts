// Replacing the signing key of a log, on the devices of its owner.

import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { deviceSeed, generateSeed, openReader, openWriter, type Writer } from "../../src/index.ts";
import { generateIdentity, ReaderIdentity, recipientOf } from "../../src/keyring/index.ts";
import { openHead } from "../../src/tree/open-head.ts";
import { ProcessLife } from "./process-life.ts";
import {
  append,
  contentsOf,
  cuts,
  Device,
  first,
  letters,
  open,
  read,
  recoverySeed,
  second,
  stolen,
  third,
  using,
} from "./stolen-device.ts";
import { wrapRemote } from "./wrapped-remote.ts";

test("the key is replaced again and again, on a new device too, and every reader reads all of it", async () => {
  const identity = await generateIdentity();
  const { remote, logId, device } = await stolen({ settings: { visibility: "private" } });
  const rotated = new Device();
  await using(open(second, device, remote), async (owner) => {
    await owner.grant([await recipientOf(identity)], { withHistory: true });
    await append(owner, "d");
    await owner.rotateSigningKey(recoverySeed);
    await append(owner, "e");
    await owner.publish();
  });
  const named = { identity: new ReaderIdentity(identity) };
  expect(await read(logId, remote, named)).toEqual(letters(5));
  // The recovery seed alone is left. A seed of an earlier generation does not do.
  const recovery = { logId, forRecovery: true };
  await using(open(first, new Device(), remote, recovery), async (old) => {
    expect(await failure(old.recover())).toMatchObject({ code: "ERR_SUPERSEDED" });
    expect(old.size).toBe(0);
  });
  await using(open(third, rotated, remote, recovery), async (owner) => {
    expect(await owner.recover()).toMatchObject({ recovered: 5, size: 5 });
    expect(owner.manifest?.successions).toHaveLength(1);
    await append(owner, "f");
    await owner.publish();
    expect(await read(logId, remote, { key: owner.readKey })).toEqual(letters(6));
    await owner.rotateSigningKey(recoverySeed);
    expect(await failure(owner.rotateSigningKey(recoverySeed))).toMatchObject({ reason: "old-device-seed" });
    await append(owner, "g");
    await owner.publish();
    expect(await read(logId, remote, { key: owner.readKey })).toEqual(letters(7));
    const former = await failure(read(logId, remote, { key: undefined }));
    expect(former).toMatchObject({ code: "ERR_NO_KEY" });
  });
  // The device of before has the newest seed now, and what it has of its own follows.
  await using(open(third, device.copy(), remote), async (owner) => {
    await append(owner, "of the old device");
    expect(await failure(owner.publish())).toMatchObject({ code: "ERR_RESTORED" });
    await owner.recover();
    await owner.publish();
    expect(await read(logId, remote, { key: owner.readKey })).toEqual([...letters(7), "of the old device"]);
  });
});

test("what an old device signed with a former key after the owner replaced it is appended anew", async () => {
  const { remote, logId, device } = await stolen();
  const elsewhere = memoryRemote({ label: "elsewhere" });
  await using(open(first, device, elsewhere), async (old) => {
    await append(old, "x", "y");
    await old.publish();
  });
  await using(open(second, new Device(), remote, { logId, forRecovery: true }), async (owner) => {
    await owner.recover();
    await append(owner, "d");
    await owner.rotateSigningKey(recoverySeed);
    await owner.publish();
  });
  await using(open(second, device.copy(), [remote, elsewhere]), async (old) => {
    expect(await old.recover()).toMatchObject({ recovered: 1, appendedAnew: 2, size: 6 });
    await old.publish();
    expect(await read(logId, elsewhere)).toEqual([...letters(4), "x", "y"]);
  });
  expect(await read(logId, remote)).toEqual([...letters(4), "x", "y"]);
});

test("a reader that has all entries already takes the checkpoint of the later key", async () => {
  const { remote, logId, device } = await stolen();
  const behind = memoryRemote({ label: "behind" });
  const held = await remote.names.resolve(logId);
  if (held.status === "found") await behind.names.update(logId, held.content, { expected: null });
  const reader = await openReader({ logId, remotes: [behind, remote] });
  await reader.sync();
  const before = reader.checkpoint;
  await using(open(second, device, remote), async (owner) => {
    await owner.rotateSigningKey(recoverySeed);
    await owner.publish();
    expect(owner.checkpoint).not.toBe(before);
    await reader.sync();
    expect(reader.checkpoint).toBe(owner.checkpoint);
    expect(await contentsOf(reader)).toEqual(letters(3));
  });
});

test("a rotation that is cut short anywhere is there or not, and is made at the next call", async () => {
  const { remote, logId, device } = await stolen({ settings: { visibility: "private" } });
  const disk = device.copy().database.afterPowerCut();
  const outcomes = new Set<number>();
  for (let effects = 0; ; effects++) {
    const life = new ProcessLife(effects);
    const cut = new Device(disk, life);
    let done = false;
    await life.run(async () => {
      const owner = await open(second, cut, remote);
      await owner.rotateSigningKey(recoverySeed);
      done = true;
      await owner.close();
    });
    for (const kept of [0, cut.database.unsynced]) {
      await using(
        open(second, new Device(cut.database.afterPowerCut(kept)), memoryRemote()),
        async (owner) => {
          const count = owner.manifest?.successions.length ?? 0;
          outcomes.add(count);
          if (done) expect(count).toBe(1);
          if (count === 0) await owner.rotateSigningKey(recoverySeed);
          await append(owner, "d");
          await owner.publish();
          expect(owner.checkpoint).toBeDefined();
        },
      );
    }
    if (done) break;
  }
  expect(outcomes).toEqual(new Set([0, 1]));
  expect(await failure(read(logId, remote))).toMatchObject({ code: "ERR_NO_KEY" });
});

test("a head that is signed while the key is replaced is of one key", async () => {
  const { remote, logId, device } = await stolen();
  const rotating: { owner?: Writer } = {};
  let rotated: Promise<void> | undefined;
  const shown: Uint8Array[] = [];
  const wrapped = wrapRemote(remote, async (call, proceed) => {
    if (call.kind === "put") {
      rotated ??= rotating.owner?.rotateSigningKey(recoverySeed);
      await rotated;
    }
    if (call.kind === "update") shown.push(call.content!);
    return proceed();
  });
  await using(open(second, device, wrapped), async (owner) => {
    for (const name of ["one", "two", "three"]) await owner.setRemotes([`https://${name}.example`]);
    await append(owner, "d", "e", "f");
    await owner.publish();
    // Nothing but the leaf hashes of the manifest is stored now: between the signature below it and that below the entries.
    await owner.setRemotes(["https://four.example"]);
    rotating.owner = owner;
    await owner.publish();
    await owner.publish();
    expect(rotated).toBeDefined();
    for (const content of shown) await openHead(remote, logId, content, content.length, undefined);
    expect(await read(logId, remote)).toEqual(letters(6));
  });
});

test("whoever has another recovery seed, or the present device seed, replaces nothing", async () => {
  const { remote, device } = await stolen();
  await using(open(first, device.copy(), remote), async (owner) => {
    expect(await failure(owner.rotateSigningKey(recoverySeed))).toMatchObject({ reason: "old-device-seed" });
  });
  await using(open(second, device, remote), async (owner) => {
    const other = await failure(owner.rotateSigningKey(generateSeed()));
    expect(other).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "other-recovery-seed" });
    expect(await failure(owner.rotateSigningKey(new Uint8Array(31)))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
    expect(owner.manifest).toBeUndefined();
  });
  const stranger = await deviceSeed(generateSeed());
  expect(await failure(open(stranger, device.copy(), remote))).toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("a manifest that has no room for another succession says so, and stays as it is", async () => {
  const { remote, device } = await stolen();
  await using(open(second, device, remote), async (owner) => {
    const uris = Array.from({ length: 32 }, (_, i) => `https://${i}.example/${"x".repeat(1000)}`);
    await owner.setRemotes(uris);
    const ranges = Array.from({ length: 4686 }, (_, i) => ({ first: 2 * i, count: 1 }));
    await owner.changeManifest((content) => ({ ...content, removed: ranges }));
    const before = owner.manifest;
    const full = await failure(owner.rotateSigningKey(recoverySeed));
    expect(full).toMatchObject({ code: "ERR_TOO_LARGE", reason: "keys-full" });
    expect(full.message).toContain("replaced 0 times");
    expect(owner.manifest).toEqual(before);
    await owner.setRemotes([]);
    await owner.rotateSigningKey(recoverySeed);
    expect(owner.manifest?.successions).toHaveLength(1);
  });
});

test("a log without a recovery key stays frozen, and can't replace its key", async () => {
  const remote = memoryRemote();
  const seed = generateSeed();
  const settings = { ...cuts, visibility: "public" as const };
  const device = new Device();
  const writer = await openWriter({
    seed,
    journal: device.database,
    remotes: [remote],
    settings,
    leastCapacity: 9,
  });
  await append(writer, "a");
  expect(await failure(writer.rotateSigningKey(recoverySeed))).toMatchObject({ reason: "no-recovery-key" });
  await writer.close();
});

test("a key is not replaced for somebody who has given up already", async () => {
  const { remote, device } = await stolen();
  await using(open(second, device, remote), async (owner) => {
    const given = { signal: AbortSignal.abort("gave up") };
    expect(await failure(owner.rotateSigningKey(recoverySeed, given))).toBe("gave up");
    await append(owner, "d");
    await owner.publish();
  });
  // Another device of the first key still signs.
  await using(open(first, device.copy(), remote), (old) => old.publish());
});
