// The drill for a stolen key: a thief and the owner both publish, before and after the key is replaced.

import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  type ForkError,
  memoryReaderStore,
  mirrorLog,
  openReader,
  type Remote,
  SupersededError,
  verifyForkEvidence,
} from "../../src/index.ts";
import {
  append,
  contentsOf,
  first,
  letters,
  loose,
  open,
  read,
  recoverySeed,
  second,
  stolen,
  text,
  using,
} from "./stolen-device.ts";

for (const visibility of ["public", "private"] as const) {
  for (const kind of ["atomic", "none"] as const) {
    test(`${visibility} log, names with compare-and-set ${kind}: every reader ends with the owner, and holds the proof`, async () => {
      const { remote, logId, device, copy } = await stolen(
        { settings: { visibility } },
        kind === "atomic" ? memoryRemote() : loose(),
      );
      const thief = await open(first, copy, remote);
      await append(thief, "evil 1", "evil 2");
      await thief.publish();
      const store = memoryReaderStore();
      const bob = await openReader({ logId, remotes: [remote], store, key: thief.readKey });
      expect(await contentsOf(bob, "main")).toEqual(["a", "b", "c", "evil 1", "evil 2"]);

      const owner = await open(second, device, remote);
      await append(owner, "d");
      expect(await failure(owner.publish())).toMatchObject({ code: "ERR_RESTORED" });
      await owner.rotateSigningKey(recoverySeed);
      expect(owner.manifest?.successions).toHaveLength(1);
      await owner.publish();
      const key = owner.readKey;
      expect((await bob.sync()).size).toBe(4);
      const [evidence] = bob.formerKeyEvidence;
      expect(await verifyForkEvidence(evidence!)).toEqual({
        ...{ logId, by: "former-key", of: "entries", smaller: 5, larger: 4 },
      });
      const later = await openReader({ logId, remotes: [remote], store, key });
      // From where the histories part, on the cursor too.
      expect(await contentsOf(later, "main")).toEqual(["d"]);
      expect(await contentsOf(later, "main")).toEqual([]);
      expect(later.formerKeyEvidence).toEqual([evidence]);

      await append(thief, "evil 3");
      expect(await failure(thief.publish())).toMatchObject({ code: "ERR_SUPERSEDED" });
      await thief.close();
      expect(await read(logId, remote, { key })).toEqual(letters(4));
      await append(owner, "e");
      await owner.publish();
      expect(await contentsOf(later, "main")).toEqual(["e"]);
      expect(await read(logId, remote, { key })).toEqual(letters(5));
      await owner.close();
      await using(open(second, device.copy(), remote), async (again) => {
        await append(again, "f");
        await again.publish();
        expect(await read(logId, remote, { key })).toEqual(letters(6));
      });
      expect(await failure(open(first, device.copy(), remote))).toMatchObject({ code: "ERR_SUPERSEDED" });
    });
  }
}

test("a name that a thief sets back to what the former key signed is refused, and set right by the owner's next publish", async () => {
  const { remote, logId, device, copy } = await stolen(undefined, loose());
  let evil = new Uint8Array();
  await using(open(first, copy, remote), async (thief) => {
    await append(thief, "evil 1", "evil 2", "evil 3");
    await thief.publish();
    const found = await remote.names.resolve(logId);
    if (found.status === "found") evil = found.content.slice();
  });
  await using(open(second, device, remote), async (owner) => {
    await owner.rotateSigningKey(recoverySeed);
    await owner.publish();
    const store = memoryReaderStore();
    const options = { logId, remotes: [remote], store };
    const reader = await openReader(options);
    expect(await contentsOf(reader)).toEqual(letters(3));
    const { revision } = (await remote.names.resolve(logId)) as { revision: string };
    await remote.names.update(logId, evil, { expected: revision });
    const refused = await failure<SupersededError>(reader.sync());
    expect(refused).toMatchObject({ code: "ERR_SUPERSEDED", retry: "never" });
    expect(await verifyForkEvidence(refused.evidence!)).toMatchObject({ by: "former-key", of: "entries" });
    expect(await failure((await openReader(options)).sync())).toMatchObject({ code: "ERR_SUPERSEDED" });
    expect((await openReader(options)).formerKeyEvidence).toEqual([refused.evidence]);
    // The writer looks before each update.
    await append(owner, "d");
    await owner.publish();
    expect(await contentsOf(reader)).toEqual(letters(4));
    // Of remotes that show both, the owner's is read.
    const other = memoryRemote({ label: "other" });
    await other.names.update(logId, evil, { expected: null });
    expect(await read(logId, [other, remote])).toEqual(letters(4));
    expect(await read(logId, [remote, other])).toEqual(letters(4));
  });
});

test("a log that was found to be forked continues once its owner has replaced the key that signed both sides", async () => {
  for (const shared of [true, false]) {
    const { remote, logId, device, copy } = await stolen();
    const evil = memoryRemote({ label: "evil" });
    await using(open(first, copy, evil), async (thief) => {
      await append(thief, "evil 1");
      await thief.publish();
    });
    const store = memoryReaderStore();
    const options = { logId, remotes: [remote, evil], store };
    const reader = await openReader(options);
    await using(open(second, device, remote), async (owner) => {
      await append(owner, "d", "e");
      await owner.publish();
      const frozen = await failure<ForkError>(reader.sync());
      expect(frozen.code).toBe("ERR_FORK");
      expect(await failure(reader.from(0).next())).toMatchObject({ code: "ERR_FORK" });
      // It stays frozen, also for whoever opens it anew, until the owner has spoken.
      const again = shared ? reader : await openReader(options);
      expect(await failure(again.sync())).toMatchObject({ code: "ERR_FORK" });
      expect(await failure(again.from(0).next())).toMatchObject({ code: "ERR_FORK" });
      await owner.rotateSigningKey(recoverySeed);
      await owner.publish();
      const { remotes } = await again.sync();
      expect(remotes.map(({ label, status }) => `${label} ${status}`)).toEqual([
        "memory newest",
        "evil failed",
      ]);
      expect(await contentsOf(again)).toEqual(letters(5));
      expect(again.formerKeyEvidence[0]).toEqual(frozen.evidence);
      expect(await contentsOf(await openReader(options))).toEqual(letters(5));
    });
  }
});

test("a live stream that delivered what is not part of the log ends with where to read again", async () => {
  const { remote, logId, device, copy } = await stolen();
  await using(open(first, copy, remote), async (thief) => {
    await append(thief, "evil 1", "evil 2");
    await thief.publish();
  });
  const reader = await openReader({ logId, remotes: [remote], pollMilliseconds: 5 });
  const stream = reader.from(0, { live: true });
  const behind = reader.from(0, { live: true });
  for (let i = 0; i < 5; i++) await stream.next();
  for (let i = 0; i < 2; i++) await behind.next();
  await using(open(second, device, remote), async (owner) => {
    await owner.rotateSigningKey(recoverySeed);
    await append(owner, "d");
    await owner.publish();
    const ended = await failure<SupersededError>(stream.next());
    expect(ended).toBeInstanceOf(SupersededError);
    expect(ended).toMatchObject({ from: 3, operation: "reader.read" });
    expect(text((await reader.entry(3)).content)).toBe("d");
    // One that had not come so far continues.
    expect(text((await behind.next()).value!.content)).toBe("c");
    expect(text((await behind.next()).value!.content)).toBe("d");
    await behind.return();
  });
  await reader.close();
});

test("what a thief says of the log counts no more than what he appends", async () => {
  const { remote, logId, device, copy } = await stolen();
  await using(open(first, copy, remote), async (thief) => {
    await thief.remove([0]);
    await thief.setRemotes(["https://evil.example"]);
    await thief.publish();
  });
  const store = memoryReaderStore();
  const reader = await openReader({ logId, remotes: [remote], store });
  await reader.sync();
  expect(reader.manifest).toMatchObject({ version: 2, removed: [{ first: 0, count: 1 }] });
  await using(open(second, device, remote), async (owner) => {
    await owner.rotateSigningKey(recoverySeed);
    await owner.publish();
    await reader.sync();
    expect(reader.manifest).toMatchObject({ version: 1, removed: [] });
    const [evidence] = reader.formerKeyEvidence;
    expect(await verifyForkEvidence(evidence!)).toMatchObject({
      by: "former-key",
      of: "manifest",
      larger: 0,
    });
    // His removal deleted the first page; the owner's device puts it back.
    await owner.repair();
    expect(await contentsOf(reader)).toEqual(letters(3));
  });
});

test("if the recovery key names two successors, the log is frozen, and the proof says so", async () => {
  const { remote, logId, device, copy } = await stolen();
  const other = memoryRemote({ label: "other" });
  for (const [one, at, content] of [
    [device, remote, "d"],
    [copy, other, "x"],
  ] as const) {
    await using(open(second, one, at), async (owner) => {
      await append(owner, content);
      await owner.rotateSigningKey(recoverySeed);
      await owner.publish();
    });
  }
  const store = memoryReaderStore();
  const reader = await openReader({ logId, remotes: [remote, other], store });
  const frozen = await failure<ForkError>(reader.sync());
  expect(frozen.code).toBe("ERR_FORK");
  expect(await verifyForkEvidence(frozen.evidence)).toMatchObject({ of: "succession", by: "recovery-key" });
  const { smaller, larger } = frozen.evidence;
  expect(await verifyForkEvidence({ ...frozen.evidence, smaller: larger })).toBeUndefined();
  expect(await verifyForkEvidence({ ...frozen.evidence, larger: smaller })).toBeUndefined();
  // Neither of the two ends it.
  expect(await failure(reader.sync())).toMatchObject({ code: "ERR_FORK" });
});

test("readers that share a store end with the owner, whoever of them saw the new key first", async () => {
  const { remote, logId, device, copy } = await stolen();
  const evil = memoryRemote({ label: "evil" });
  await using(open(first, copy, evil), async (thief) => {
    await append(thief, "evil 1", "evil 2");
    await thief.publish();
  });
  const store = memoryReaderStore();
  const misled = await openReader({ logId, remotes: [evil], store });
  expect((await contentsOf(misled)).length).toBe(5);
  const bob = await openReader({ logId, remotes: [remote], store });
  await using(open(second, device, remote), async (owner) => {
    await append(owner, "d");
    await owner.rotateSigningKey(recoverySeed);
    await owner.publish();
  });
  expect(await contentsOf(bob)).toEqual(letters(4));
  expect(await failure(misled.sync())).toMatchObject({ code: "ERR_SUPERSEDED" });
  const late = await openReader({ logId, remotes: [evil], store });
  expect(await failure(late.sync())).toMatchObject({ code: "ERR_SUPERSEDED" });
});

test("a mirror copies what the owner signed, and never puts what a former key signed in its place", async () => {
  const { remote, logId, device, copy } = await stolen();
  const [target, evil, old] = ["target", "evil", "old"].map((label) => memoryRemote({ label })) as [
    Remote,
    Remote,
    Remote,
  ];
  const mirror = async (from: Remote | readonly Remote[], to: Remote): Promise<string> => {
    const reader = await openReader({ logId, remotes: "names" in from ? [from] : from });
    await reader.sync();
    const { name } = await mirrorLog({ reader, to });
    await reader.close();
    return name!;
  };
  await using(open(first, copy, evil), async (thief) => {
    await append(thief, "evil 1", "evil 2");
    await thief.publish();
  });
  expect(await mirror(remote, old)).toBe("updated");
  expect(await mirror(evil, target)).toBe("updated");
  await using(open(second, device, remote), async (owner) => {
    await owner.rotateSigningKey(recoverySeed);
    await owner.publish();
    expect(await mirror(remote, target)).toBe("updated");
    expect(await read(logId, target)).toEqual(letters(3));
    // The same entries, and the former key: it does not know of the later one.
    expect(await mirror(old, target)).toBe("newer");
    expect(await failure(mirror(evil, target))).toMatchObject({ code: "ERR_SUPERSEDED" });
    expect(await mirror([old, remote], old)).toBe("updated");
    await append(owner, "d");
    await owner.publish();
    expect(await mirror([old, remote], target)).toBe("updated");
    expect(await mirror([old, remote], old)).toBe("updated");
    expect(await read(logId, target)).toEqual(letters(4));
    expect(await read(logId, old)).toEqual(letters(4));
  });
});
