import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { failure } from "@remote-log/test-kit";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deriveKeys, generateSeed, openWriter, type Writer } from "../../src/index.ts";
import { text } from "../writer/log-contents.ts";

const seed = generateSeed();
const opener = fileURLToPath(new URL("opener.mjs", import.meta.url));
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "remote-log-journal-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const inFolder = (): ClassicLevel<Uint8Array, Uint8Array> => new ClassicLevel(folder);
const open = (journal: MemoryLevel<Uint8Array, Uint8Array> | ReturnType<typeof inFolder>): Promise<Writer> =>
  openWriter({ settings: { visibility: "public" }, seed, journal, publish: "manual" });

const locked = {
  code: "ERR_JOURNAL_LOCKED",
  message: expect.stringContaining("Another writer has this journal open"),
};

test("one database opened twice: the second gets ERR_JOURNAL_LOCKED, the first continues", async () => {
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const writer = await open(journal);
  expect(await failure(open(journal))).toMatchObject(locked);
  await writer.append(text("a"));
  await writer.close();
  const next = await open(journal);
  expect(next.size).toBe(1);
  await next.close();
});

test("one folder opened by two databases of one process: ERR_JOURNAL_LOCKED", async () => {
  const writer = await open(inFolder());
  // Web Locks, which newer Nodes have too, refuse it before the database does, and then there is no cause.
  expect(await failure(open(inFolder()))).toMatchObject(locked);
  await writer.append(text("a"));
  await writer.close();
  const next = await open(inFolder());
  expect(next.size).toBe(1);
  await next.close();
});

test("a folder that another process has open: ERR_JOURNAL_LOCKED, until that process is killed", async () => {
  const child = spawn(process.execPath, [opener, folder, Buffer.from(seed).toString("hex")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  try {
    await Promise.race([once(child.stdout, "data"), exit.then(() => Promise.reject(new Error("It ended.")))]);
    expect(await failure(open(inFolder()))).toMatchObject(locked);
  } finally {
    child.kill("SIGKILL");
  }
  await exit;
  const writer = await open(inFolder());
  expect(writer.size).toBe(1);
  await writer.close();
});

test("a folder that cannot be used as a database: ERR_JOURNAL", async () => {
  const journal = new ClassicLevel<Uint8Array, Uint8Array>("/dev/null/journal");
  expect(await failure(open(journal))).toMatchObject({ code: "ERR_JOURNAL" });
});

test("a seed that is not this log's is refused with ERR_INVALID_INPUT, and the journal is let go of", async () => {
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  await (await open(journal)).close();
  expect(
    await failure(openWriter({ settings: { visibility: "public" }, seed: generateSeed(), journal })),
  ).toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  expect(
    await failure(openWriter({ settings: { visibility: "public" }, seed: seed.subarray(1), journal })),
  ).toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  await (await open(journal)).close();
});

test("no error, and nothing that the writer shows of itself, holds the seed or a key", async () => {
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const writer = await open(journal);
  await writer.append(text("a"));
  const other = new MemoryLevel<Uint8Array, Uint8Array>();
  const shown: unknown[] = [writer, writer.status(), writer.genesis];
  shown.push(await failure(open(journal)));
  await writer.close();
  shown.push(await failure(writer.append(text("b"))));
  shown.push(
    await failure(openWriter({ settings: { visibility: "public" }, seed: seed.subarray(1), journal: other })),
  );
  shown.push(
    await failure(openWriter({ settings: { visibility: "public" }, seed: generateSeed(), journal })),
  );
  const record = await journalRecord(journal, "g");
  record[3]! ^= 1;
  await put(journal, "g", record);
  shown.push(await failure(open(journal)));
  expect(shown.at(-1)).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });

  const { signing, ipns, swarm, recovery, read } = deriveKeys(seed);
  const secrets = [seed, signing, ipns, swarm, recovery, read];
  const whole = shown.map((value) => {
    const error = value as Error;
    return [
      inspect(value, { depth: 20, showHidden: true, maxArrayLength: null }),
      JSON.stringify(value),
      error.stack,
    ];
  });
  const everything = whole.flat().join("\n");
  for (const secret of secrets) {
    for (const form of [
      Buffer.from(secret).toString("hex"),
      Buffer.from(secret).toString("base64"),
      [...secret].join(", "),
      [...secret].join(","),
      [...secret].join(",\n"),
    ]) {
      // The first half is enough to give a secret away.
      expect(everything.replace(/\s+/g, " ")).not.toContain(
        form.replace(/\s+/g, " ").slice(0, form.length / 2),
      );
    }
  }
});

async function journalRecord(journal: MemoryLevel<Uint8Array, Uint8Array>, key: string): Promise<Uint8Array> {
  await journal.open();
  return (await journal.get(text(key), { keyEncoding: "view", valueEncoding: "view" }))!;
}

const put = (journal: MemoryLevel<Uint8Array, Uint8Array>, key: string, value: Uint8Array): Promise<void> =>
  journal.put(text(key), value, { keyEncoding: "view", valueEncoding: "view" });
