import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { generateSeed, openWriter, type WriterOptions } from "../../src/index.ts";
import { readWhole } from "../reader/read-whole.ts";

const none = new Uint8Array(0);
const hash = new Uint8Array(32).fill(7);

test("an empty journal gets the settings of the log that is meant, and recovers it", async () => {
  const seed = generateSeed();
  const remote = memoryRemote();
  const settings = { visibility: "public", leafSize: 4, fanOut: 8 } as const;
  const open = (more: Partial<WriterOptions>, journal = new MemoryLevel<Uint8Array, Uint8Array>()) =>
    openWriter({
      settings: { visibility: "public" },
      seed,
      journal,
      remotes: [remote],
      publish: "manual",
      ...more,
    });
  const first = await open({ settings });
  const { logId } = first;
  await first.appendAll(new Array<Uint8Array>(20).fill(hash));
  await first.publish();
  await first.close();

  expect(await failure(open({ logId }))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "empty" });
  const again = await open({ logId, forRecovery: true });
  expect(again.genesis.genesis).toMatchObject(settings);
  expect(await again.recover()).toMatchObject({ recovered: 20, size: 20 });
  await again.close();

  const foreign = { logId, seed: generateSeed(), forRecovery: true };
  expect(await failure(open(foreign))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  const others = new MemoryLevel<Uint8Array, Uint8Array>();
  await (await open({}, others)).close();
  expect(await failure(open({ logId }, others))).toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "other-log",
  });
});

test("a recovery with other settings replaces nothing: it names the log that the remote holds", async () => {
  const seed = generateSeed();
  // One name for every log of the seed, as IPNS has it.
  const remote = { ...memoryRemote(), name: "one" };
  const open = (more: Partial<WriterOptions>) =>
    openWriter({
      settings: { visibility: "public" },
      seed,
      journal: new MemoryLevel(),
      remotes: [remote],
      publish: "manual",
      ...more,
    });
  const first = await open({ settings: { visibility: "public", leafSize: 4 } });
  await first.append(hash);
  await first.publish();
  const other = await open({});
  const error = await failure(other.recover());
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "other-settings" });
  expect(error.message).toContain(first.logId);
  await other.append(none);
  expect(await failure(other.publish())).toMatchObject({ code: "ERR_INTEGRITY" });
  const { entries } = await readWhole({ logId: first.logId, remotes: [remote] });
  expect(entries).toHaveLength(1);
  await first.close();
  await other.close();
});
