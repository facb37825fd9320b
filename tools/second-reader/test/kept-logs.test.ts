// Logs that earlier versions wrote, and this one did when the files were made: both readers read them as they were written.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { isRemoteLogError, openReader, parseLink, ReadKey, type Remote } from "@remote-log/core";
import { ReaderIdentity } from "@remote-log/core/keyring";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { expect, test } from "vitest";
import { decodeIndexNode, decodeLink, type Remote as FoundRemote, Refused, readLog } from "../index.mjs";
import { bytesOf } from "./written-log.ts";

interface KeptLog {
  readonly logId: string;
  readonly link: string;
  readonly name: string;
  readonly objects: readonly string[];
  readonly entries: readonly { readonly content?: string }[];
  readonly manifest: {
    readonly version: number;
    readonly snapshot: number | null;
    readonly firstKept: number;
    readonly removed: readonly { readonly first: number; readonly count: number }[];
    readonly epochs: readonly number[];
    /** Not in files from before logs could have one. */
    readonly successions?: number;
  };
  readonly remotes: readonly string[];
  readonly readers: readonly {
    readonly key?: string;
    readonly identity?: string;
    readonly opens: readonly [first: number, end: number];
  }[];
}

const folder = new URL("../../../vectors/logs/", import.meta.url);
const kept = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((file) => ({ file, ...(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as KeptLog) }));

test("none of the kept logs is missing", () => {
  const kinds = ["hybrid", "mvds", "private", "public", "rotated", "snapshot"];
  const names = [...kinds, "bundled-import", "bundled-steps"].map((kind) => `2026-11-${kind}.json`);
  expect(kept.map(({ file }) => file)).toEqual(expect.arrayContaining(names));
});

/** What is read of each entry by one who can open those in a range. */
function expectedOf({ entries }: KeptLog, [first, end]: readonly [number, number]): string[] {
  return entries.map(({ content }, i) =>
    content === undefined ? "removed" : i < first || i >= end ? "key-missing" : `content ${content}`,
  );
}

function bySecond(log: KeptLog, key: Uint8Array | undefined) {
  const objects = new Map(
    log.objects.map((hex) => [createHash("sha256").update(bytesOf(hex)).digest("hex"), bytesOf(hex)]),
  );
  const remote: FoundRemote = {
    read: (address) => objects.get(Buffer.from(address.subarray(4)).toString("hex")),
    nameOf: () => bytesOf(log.name),
  };
  const read = readLog({ remote, logId: bytesOf(log.logId), key });
  const entries = Array.from(read.entries(), ({ status, content }) =>
    status === "content" ? `content ${Buffer.from(content!).toString("hex")}` : status,
  );
  return { ...read, entries };
}

const STATUS: Readonly<Record<string, string>> = { ERR_REMOVED: "removed", ERR_NO_KEY: "key-missing" };

async function byFirst(log: KeptLog, opening: { key?: ReadKey | undefined; identity?: ReaderIdentity }) {
  const storage = memoryStorage();
  for (const object of log.objects) await storage.put(bytesOf(object));
  const names = memoryNames({ table: new NameTable() });
  await names.update(log.logId, bytesOf(log.name), { expected: null });
  const remote: Remote = { label: "kept", storage, names };
  await using reader = await openReader({ logId: log.logId, remotes: [remote], ...opening });
  await reader.sync();
  const entries: string[] = [];
  for (let i = 0; i < log.entries.length; i++) {
    try {
      entries.push(`content ${Buffer.from((await reader.entry(i)).content).toString("hex")}`);
    } catch (error) {
      if (!isRemoteLogError(error)) throw error;
      entries.push(STATUS[error.code] ?? error.code);
    }
  }
  return { manifest: reader.manifest, entries };
}

test.each(kept)("$file is read by both readers, with its link", async (log) => {
  const all = expectedOf(log, [0, log.entries.length]);
  const { version, snapshot, firstKept, removed, epochs, successions = 0 } = log.manifest;
  expect(decodeLink(log.link)).toMatchObject({ logId: bytesOf(log.logId), floor: { size: 3 } });

  const second = bySecond(log, decodeLink(log.link).key);
  expect(second.entries).toEqual(all);
  expect(second.remotes).toEqual(log.remotes);
  expect(second.manifest?.manifest.version ?? 0).toBe(version);
  if (version > 0) {
    expect(second.manifest?.manifest).toMatchObject({ removed, firstKept, snapshot: (snapshot ?? -1) + 1 });
    expect(second.manifest?.manifest.epochs.map(({ first }) => first)).toEqual(epochs);
    expect(second.successions).toHaveLength(successions);
  }

  const first = await byFirst(log, { key: parseLink(log.link).key });
  expect(first.entries).toEqual(all);
  expect(first.manifest?.version ?? 0).toBe(version);
  if (version > 0) {
    expect(first.manifest).toMatchObject({ removed, firstKept, ...(snapshot !== null && { snapshot }) });
    expect(first.manifest?.epochs.map(({ first: begin }) => begin)).toEqual(epochs);
    expect(first.manifest?.successions).toHaveLength(successions);
  }
});

test.each([
  ["import", "alone"],
  ["steps", "as well"],
])("the log with bundles of %s has pages that are there %s", (kind, how) => {
  const { objects } = kept.find(({ file }) => file === `2026-11-bundled-${kind}.json`)!;
  const isSo: boolean[] = [];
  for (const object of objects) {
    try {
      const { refs, bundles } = decodeIndexNode(bytesOf(object));
      if (bundles.length > 0)
        isSo.push(refs.some(({ address }) => (how === "alone") === (address.length === 0)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  expect(isSo.filter((so) => so).length).toBeGreaterThan(1);
});

const readers = kept.flatMap((log) =>
  log.readers.map((reader, i) => ({ log, name: `${i} of ${log.file}`, ...reader })),
);

test.each(readers)("reader $name opens entries $opens", async ({ log, key, identity, opens }) => {
  const expected = expectedOf(log, opens);
  if (key !== undefined) {
    expect(bySecond(log, bytesOf(key)).entries).toEqual(expected);
    expect((await byFirst(log, { key: new ReadKey(bytesOf(key)) })).entries).toEqual(expected);
  } else {
    // The second reader opens no keyrings.
    expect((await byFirst(log, { identity: new ReaderIdentity(identity!) })).entries).toEqual(expected);
  }
});
