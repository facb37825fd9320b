// A reader with a cache of this package, on a private log, in a later run with no network.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSeed, openReader, openWriter, type Remote, UnreachableError } from "@remote-log/core";
import { folderCache } from "@remote-log/layers/folder";
import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";

const text = new TextEncoder();

function unplugged(remote: Remote): Remote {
  const fail = (operation: string) => () =>
    Promise.reject(new UnreachableError("No network.", { operation }));
  return {
    ...remote,
    storage: { ...remote.storage, get: fail("storage.get"), has: fail("storage.has") },
    names: { ...remote.names, resolve: fail("names.resolve") },
  };
}

test("what was read of a private log is there offline, sealed on disk, and newer entries are not claimed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-offline-"));
  try {
    const remote = memoryRemote();
    const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [remote] });
    const texts = Array.from({ length: 30 }, (_, i) => `secret ${i}${i === 7 ? " long".repeat(2000) : ""}`);
    for (const one of texts) await writer.append(text.encode(one));
    await writer.publish();
    const log = { logId: writer.logId, key: writer.readKey };
    const first = await openReader({ ...log, remotes: [remote], cache: folderCache({ folder }) });
    for await (const _ of first.from(0));
    await first.close();
    await writer.append(text.encode("secret 30"));
    await writer.publish();

    const reader = await openReader({
      ...log,
      remotes: [unplugged(remote)],
      retries: 0,
      cache: folderCache({ folder }),
    });
    const found: string[] = [];
    const reading = (async () => {
      for await (const { content } of reader.from(0)) found.push(new TextDecoder().decode(content));
    })();
    expect(await failure(reading)).toMatchObject({ code: "ERR_UNREACHABLE" });
    expect(found).toEqual(texts);
    expect(reader.status()).toMatchObject({ size: 30, caughtUp: false, error: { code: "ERR_UNREACHABLE" } });
    await reader.close();
    for (const name of await readdir(folder))
      expect(await readFile(join(folder, name), "latin1")).not.toContain("secret");

    // Online again, it continues with what is new.
    const later = await openReader({ ...log, remotes: [remote], cache: folderCache({ folder }) });
    const [newest] = await later.latest(1);
    expect(new TextDecoder().decode(newest!.content)).toBe("secret 30");
    await later.close();
    await writer.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
