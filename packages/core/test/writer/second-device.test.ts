import { memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  ConflictError,
  memoryReaderStore,
  openReader,
  openWriter,
  type Remote,
  type Writer,
} from "../../src/index.ts";
import { REMOTE_ID_FIELD_BYTES, readNameContent } from "../../src/log/head.ts";
import { useEnvironment } from "../../src/runtime/environment.ts";
import { tiny } from "./crashing-device.ts";
import { checkpointIn, readCold, text } from "./log-contents.ts";
import { looseNames } from "./loose-names.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { wrapRemote } from "./wrapped-remote.ts";

const seed = new Uint8Array(32).fill(5);

const remotes: Record<string, () => Remote> = {
  "compare-and-set": () => memoryRemote({ label: "one" }),
  "no compare-and-set": () => ({ label: "one", storage: memoryStorage(), names: looseNames() }),
};

/** A device with a journal of its own, or one that was copied. */
async function device(
  remote: Remote,
  copied?: PowerCutDatabase,
): Promise<{ writer: Writer; journal: PowerCutDatabase }> {
  const journal = new PowerCutDatabase(copied?.afterPowerCut(copied.unsynced));
  return { writer: await openWriter({ ...tiny, seed, journal, remotes: [remote] }), journal };
}

async function held(remote: Remote, writer: Writer): Promise<Uint8Array> {
  const found = await remote.names.resolve(writer.logId);
  if (found.status !== "found") throw new Error("Nothing is under the name.");
  return found.content;
}

/** The head in what a name holds: beside it is the id of the remote. */
function headIn(content: Uint8Array): Uint8Array {
  const name = readNameContent(content);
  if (name.kind !== "head") throw new Error("The name holds no head.");
  expect(name.bytes.length).toBe(content.length - REMOTE_ID_FIELD_BYTES);
  return name.bytes;
}

test.each(Object.keys(remotes))(
  "a second device that finds the log of the first at its first look gets ERR_RESTORED, and signs nothing (%s)",
  async (kind) => {
    const remote = remotes[kind]!();
    const first = await device(remote);
    await first.writer.appendAll([text("a"), text("b")]);
    await first.writer.publish();
    const before = await held(remote, first.writer);
    let updates = 0;
    const second = await device(
      wrapRemote(remote, (call, proceed) => {
        if (call.kind === "update") updates++;
        return proceed();
      }),
    );
    await second.writer.append(text("c"));
    expect(await failure(second.writer.publish())).toMatchObject({
      code: "ERR_RESTORED",
      local: 1,
      published: 2,
    });
    expect(updates).toBe(0);
    expect(await held(remote, first.writer)).toEqual(before);
  },
);

test.each(Object.keys(remotes))(
  "two devices that both publish: the second one to come gets ERR_CONFLICT with the other's head, and overwrites nothing (%s)",
  async (kind) => {
    const remote = remotes[kind]!();
    const first = await device(remote);
    await first.writer.append(text("a"));
    await first.writer.publish();
    const second = await device(remote, first.journal);
    await second.writer.publish();
    await first.writer.append(text("first's"));
    await first.writer.publish();
    await second.writer.append(text("second's"));
    const before = await held(remote, first.writer);
    const error = await failure(second.writer.publish());
    expect(error).toBeInstanceOf(ConflictError);
    const { foreign } = error as ConflictError;
    expect(foreign).toEqual(headIn(before));
    expect(checkpointIn(foreign).size).toBe(2);
    expect(await held(remote, first.writer)).toEqual(before);
    expect(await readCold(first.writer.logId, remote)).toEqual(["a", "first's"]);
    // The first one continues.
    await first.writer.append(text("more"));
    await first.writer.publish();
    expect(await readCold(first.writer.logId, remote)).toEqual(["a", "first's", "more"]);
  },
);

test("two devices that look before either has published: one of them gets ERR_CONFLICT, nothing is overwritten", async () => {
  const remote = remotes["compare-and-set"]!();
  let wait: Promise<void> | undefined;
  let resolved: () => void = () => undefined;
  const second = await device(
    wrapRemote(remote, async (call, proceed) => {
      const result = await proceed();
      if (call.kind === "resolve" && wait === undefined) {
        resolved();
        wait = release;
        await wait;
      }
      return result;
    }),
  );
  const looked = new Promise<void>((done) => {
    resolved = done;
  });
  let go: () => void = () => undefined;
  const release = new Promise<void>((done) => {
    go = done;
  });
  await second.writer.append(text("second's"));
  const publish = second.writer.publish();
  await looked;
  const first = await device(remote);
  await first.writer.append(text("first's"));
  await first.writer.publish();
  go();
  expect(["ERR_CONFLICT", "ERR_RESTORED"]).toContain((await failure(publish)).code);
  expect(await readCold(first.writer.logId, remote)).toEqual(["first's"]);
});

test("where there is no compare-and-set, a head written over ours is noticed by reading back: ERR_CONFLICT", async () => {
  const remote = remotes["no compare-and-set"]!();
  const other = memoryRemote({ label: "one" });
  const second = await device(other);
  await second.writer.appendAll([text("x"), text("y"), text("z")]);
  await second.writer.publish();
  const foreign = await held(other, second.writer);
  for await (const address of other.storage.list!())
    await remote.storage.put(await other.storage.get(address));
  let overwrite = true;
  const first = await device(
    wrapRemote(remote, async (call, proceed) => {
      const result = await proceed();
      if (call.kind === "update" && overwrite) {
        overwrite = false;
        await remote.names.update(second.writer.logId, foreign, { expected: result as string });
      }
      return result;
    }),
  );
  await first.writer.append(text("a"));
  expect(await failure(first.writer.publish())).toMatchObject({
    code: "ERR_CONFLICT",
    foreign: headIn(foreign),
  });
  expect(first.writer.status().remotes[0]).toMatchObject({ confirmed: 0 });
});

test("a name that holds something else is not overwritten: ERR_INTEGRITY", async () => {
  const remote = remotes["compare-and-set"]!();
  const { writer } = await device(remote);
  await remote.names.update(writer.logId, text("hello"), { expected: null });
  await writer.append(text("a"));
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await held(remote, writer)).toEqual(text("hello"));
});

test("a backup that has every published entry continues from the name, and never sends its old intent over it", async () => {
  for (const kind of Object.keys(remotes)) {
    const remote = remotes[kind]!();
    let lose = true;
    const sizes: number[] = [];
    const wrapped = wrapRemote(remote, async (call, proceed) => {
      if (call.kind === "update" && lose) throw new TypeError("fetch failed");
      const result = await proceed();
      if (call.kind === "update") sizes.push(checkpointIn(call.content!).size);
      return result;
    });
    const first = await device(wrapped);
    await first.writer.append(text("a"));
    await failure(first.writer.publish());
    await first.writer.append(text("b"));
    // The copy holds both entries, and the intent for the first.
    const backup = first.journal.afterPowerCut(first.journal.unsynced);
    lose = false;
    await first.writer.publish();
    await first.writer.close();
    const store = memoryReaderStore();
    const reader = await openReader({ logId: first.writer.logId, remotes: [remote], store });
    await reader.sync();
    const journal = new PowerCutDatabase(backup);
    const restored = await openWriter({ ...tiny, seed, journal, remotes: [wrapped] });
    await restored.publish();
    await reader.sync();
    await restored.append(text("c"));
    await restored.publish();
    await reader.sync();
    expect(sizes).toEqual([1, 2, 3]);
    expect(await readCold(restored.logId, remote)).toEqual(["a", "b", "c"]);
  }
});

test.each(Object.keys(remotes))(
  "a device that another one has overtaken deletes nothing of what it replaced before (%s)",
  async (kind) => {
    const deleted: string[] = [];
    const remote = remotes[kind]!();
    const { storage } = remote;
    const noting: Remote = {
      ...remote,
      storage: {
        ...storage,
        delete: async (address, options) => {
          deleted.push(`${address}`);
          await storage.delete!(address, options);
        },
      },
    };
    const journal = new PowerCutDatabase();
    const options = { ...tiny, seed, graceMilliseconds: 600_000, remotes: [noting] };
    const first = await openWriter({ ...options, journal });
    await first.appendAll(["a", "b", "c", "d"].map(text));
    await first.publish();
    await first.remove(1);
    await first.publish();
    const copy = new PowerCutDatabase(journal.afterPowerCut(journal.unsynced));
    const second = await openWriter({ ...options, journal: copy, remotes: [remote] });
    await second.append(text("e"));
    await second.publish();

    const giveBack = useEnvironment({ now: () => Date.now() + 700_000 });
    try {
      expect(await failure(first.publish())).toMatchObject({ code: "ERR_CONFLICT" });
      expect(deleted).toEqual([]);
      await first.recover();
      await first.publish();
      expect(deleted).not.toEqual([]);
    } finally {
      giveBack();
    }
    const reader = await openReader({ logId: first.logId, remotes: [remote] });
    const read: number[] = [];
    for await (const { sequence } of reader.from(0, { removed: "skip" })) read.push(sequence);
    expect(read).toEqual([0, 2, 3, 4]);
    await reader.close();
    await Promise.all([first.close(), second.close()]);
  },
);
