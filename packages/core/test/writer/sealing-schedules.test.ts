// Everything that a writer seals, over schedules of appends, changes of the key, restored journals and recoveries: two plaintexts
// never share key and nonce.

import { memoryRemote } from "@remote-log/memory";
import { runs, testSeed } from "@remote-log/test-kit";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";
import type { IdentifiedGenesis } from "../../src/log/genesis.ts";
import type { Sealing } from "../../src/log/sealing.ts";

/** Whatever was sealed: key and nonce, and the plaintext. */
const sealed = vi.hoisted(() => ({ by: new Map<string, string>(), clashes: [] as string[] }));

vi.mock("../../src/log/private-sealing.ts", async (original) => {
  const { privateSealing } = await original<typeof import("../../src/log/private-sealing.ts")>();
  return {
    privateSealing: (key: Uint8Array, log: Pick<IdentifiedGenesis, "genesis" | "logId">): Sealing => {
      const sealing = privateSealing(key, log);
      const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
      const note = (content: Uint8Array, localHash: Uint8Array): void => {
        const keyAndNonce = `${hex(key)} ${log.logId} ${hex(localHash.subarray(0, 24))}`;
        const plaintext = hex(content);
        if ((sealed.by.get(keyAndNonce) ?? plaintext) !== plaintext) sealed.clashes.push(keyAndNonce);
        sealed.by.set(keyAndNonce, plaintext);
      };
      return {
        open: (sequence, held) => sealing.open(sequence, held),
        identify: (sequence, content) => sealing.identify(sequence, content),
        contentHash: (content, identified) => {
          note(content, identified.localHash);
          return sealing.contentHash(content, identified);
        },
        seal: (sequence, content) => {
          const result = sealing.seal(sequence, content);
          note(content, result.localHash);
          return result;
        },
      };
    },
  };
});

const { generateSeed, openReader, openWriter } = await import("../../src/index.ts");
const { generateIdentity, ReaderIdentity, recipientOf } = await import("../../src/keyring/index.ts");

type Journal = MemoryLevel<Uint8Array, Uint8Array>;
type Step = "append" | "publish" | "grant" | "grant with history" | "revoke" | "save" | "restore";

const view = { keyEncoding: "view", valueEncoding: "view" } as const;

async function copyOf(journal: Journal): Promise<Journal> {
  const copy: Journal = new MemoryLevel(view);
  if (journal.status !== "open") await journal.open();
  for await (const [key, value] of journal.iterator(view)) await copy.put(key, value, view);
  return copy;
}

async function run(steps: readonly Step[], identity: string): Promise<void> {
  sealed.by.clear();
  sealed.clashes.length = 0;
  const remote = memoryRemote();
  const seed = generateSeed();
  const common = { seed, remotes: [remote], publish: "manual", settings: { leafSize: 4 } } as const;
  let journal: Journal = new MemoryLevel(view);
  let writer = await openWriter({ ...common, journal, rotateKey: { afterEntries: 5 } });
  const { logId } = writer;
  const recipient = await recipientOf(identity);
  const saved: Journal[] = [];
  let number = 0;
  for (const step of [...steps, "append", "publish"] as const) {
    switch (step) {
      case "append":
        await writer.append(new TextEncoder().encode(`entry ${number++ % 7}`));
        break;
      case "publish":
        await writer.publish();
        break;
      case "grant":
      case "grant with history":
        await writer.grant([recipient], { withHistory: step !== "grant" });
        break;
      case "revoke":
        await writer.revoke([recipient]);
        break;
      case "save":
        saved.push(await copyOf(journal));
        break;
      case "restore": {
        const before = saved[number % Math.max(1, saved.length)];
        await writer.close();
        journal = before === undefined ? new MemoryLevel(view) : await copyOf(before);
        writer = await openWriter({ ...common, journal, logId, forRecovery: true });
        await writer.recover();
        break;
      }
    }
  }
  expect(sealed.clashes).toEqual([]);
  // Whoever has the newest link reads all of it, and a reader by name what is newest, or is told why not.
  const reader = await openReader({ logId, remotes: [remote], key: writer.readKey });
  const read: number[] = [];
  for await (const { sequence } of reader.from(0)) read.push(sequence);
  expect(read).toEqual(Array.from({ length: writer.size }, (_, i) => i));
  const named = await openReader({ logId, remotes: [remote], identity: new ReaderIdentity(identity) });
  const isNamed = writer.readers.length > 0;
  const outcome = await named.latest(1).then(
    () => "read",
    (error: unknown) => (error as { reason?: string }).reason,
  );
  if (isNamed) expect(outcome).toBe("read");
  else expect(["read", "not-granted"]).toContain(outcome);
  await Promise.all([reader.close(), named.close(), writer.close()]);
}

test("two plaintexts never share key and nonce, over all schedules, and everything can be read", async () => {
  const identity = await generateIdentity();
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>("append") },
    { weight: 2, arbitrary: fc.constant<Step>("publish") },
    {
      weight: 4,
      arbitrary: fc.constantFrom<Step>("grant", "grant with history", "revoke", "save", "restore"),
    },
  );
  const checked = fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), (steps) => run(steps, identity)),
    { numRuns: runs(6, 150), seed: testSeed | 0 },
  );
  await expect(checked).resolves.toBeUndefined();
});
