// A place that the journal knows nothing of, and that holds our log: it was published to under another label.

import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { type Address, generateSeed, openWriter, type Remote, type WriterOptions } from "../../src/index.ts";
import { wrapRemote } from "./wrapped-remote.ts";

const ENTRIES = 10;
const large = (byte: number): Uint8Array => new Uint8Array(50_000).fill(byte);

/** A log that was published under the label "first", with how to open it under others, and what is asked then. */
async function publishedLog({ presence }: { readonly presence?: "kept" | "passing" } = {}) {
  const inner = memoryRemote();
  const asked = { put: 0, has: 0, update: 0, get: 0, delete: 0, resolve: 0 };
  const held = new Map<string, Address>();
  const hidden = new Set<string>();
  const wrapped = wrapRemote(inner, async ({ kind, address }, proceed) => {
    if (kind !== "putMany") asked[kind]++;
    if (kind === "has" && hidden.has(`${address}`)) return false as never;
    const result = await proceed();
    if (kind === "put") {
      held.set(`${result}`, result as Address);
      hidden.delete(`${result}`);
    }
    return result;
  });
  const { storage } = wrapped;
  const remote: Remote = {
    ...wrapped,
    storage: { ...storage, capabilities: { ...storage.capabilities, ...(presence && { presence }) } },
  };
  const [seed, journal] = [generateSeed(), new MemoryLevel<Uint8Array, Uint8Array>()];
  const open = (label: string, options: Partial<WriterOptions> = {}) =>
    openWriter({
      settings: { visibility: "public" },
      seed,
      journal,
      remotes: [{ ...remote, label }],
      publish: "manual",
      ...options,
    });
  const first = await open("first");
  await first.appendAll(Array.from({ length: ENTRIES }, (_, i) => large(i)));
  await first.publish();
  await first.close();
  const puts = asked.put;
  const forget = (): void =>
    void Object.assign(asked, { put: 0, has: 0, update: 0, get: 0, delete: 0, resolve: 0 });
  forget();
  return { open, asked, forget, puts, held, hidden, storage: inner.storage };
}

test("under a new label all is looked for, and nothing is sent if nothing is missing: it is published as it is", async () => {
  const { open, asked, forget, puts } = await publishedLog();
  const writer = await open("second");
  await writer.publish();
  expect(asked).toMatchObject({ put: 0, update: 0, has: puts });
  expect(writer.status().remotes).toMatchObject([
    { label: "second", stored: ENTRIES, published: ENTRIES, confirmed: ENTRIES },
  ]);
  forget();
  await writer.append(large(ENTRIES));
  await writer.publish();
  // The new content, and nothing of what was there.
  expect(asked).toMatchObject({ put: 1, update: 1, has: 0 });
  await writer.close();
  forget();
  const again = await open("second");
  await again.publish();
  expect(asked).toMatchObject({ put: 0, update: 0, has: 0 });
  await again.close();
});

test("what is missing is put back, and then the name moves once", async () => {
  const { open, asked, held, hidden } = await publishedLog();
  const [lost] = held.keys();
  hidden.add(lost!);
  const writer = await open("second");
  await writer.publish();
  expect(asked).toMatchObject({ put: 1, update: 1 });
  expect(hidden.size).toBe(0);
  expect(writer.status().remotes[0]).toMatchObject({ published: ENTRIES, confirmed: ENTRIES });
  await writer.close();
});

test("with something new, what is there is not sent again either", async () => {
  const { open, asked } = await publishedLog();
  const writer = await open("second");
  await writer.append(large(ENTRIES));
  await writer.publish();
  expect(asked).toMatchObject({ put: 1, update: 1 });
  await writer.close();
});

test("automatic publishing adopts the place by itself", async () => {
  const { open, asked } = await publishedLog();
  const writer = await open("second", { publish: "auto" });
  await expect
    .poll(() => writer.status().remotes[0], { timeout: 60_000 })
    .toMatchObject({ confirmed: ENTRIES });
  expect(asked).toMatchObject({ put: 0, update: 0 });
  await writer.close();
});

test("where what is there may go with somebody else, all is sent at once, and the name moves", async () => {
  const { open, asked, puts } = await publishedLog({ presence: "passing" });
  const writer = await open("second");
  await writer.publish();
  // What is there may be pinned by others, or paid for from a batch that ends.
  expect(asked).toMatchObject({ put: puts, update: 1 });
  expect(writer.status().remotes[0]).toMatchObject({ published: ENTRIES, confirmed: ENTRIES });
  await writer.close();
});

test("that all has to be sent is known after a process that ended in between, too", async () => {
  const { open, asked, forget, puts, storage } = await publishedLog({ presence: "passing" });
  const full = storage.put.bind(storage);
  storage.put = async () => {
    throw new Error("The power is gone.");
  };
  const ended = await open("second");
  await expect(ended.publish()).rejects.toThrow("The power is gone.");
  await ended.close();
  storage.put = full;
  forget();
  const writer = await open("second");
  await writer.publish();
  expect(asked).toMatchObject({ put: puts, update: 1 });
  await writer.close();
});
