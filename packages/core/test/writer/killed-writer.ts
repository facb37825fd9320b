import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileWitness } from "@remote-log/fs";
import { ClassicLevel } from "classic-level";
import { expect } from "vitest";
import { openReader, openWriter, type Remote } from "../../src/index.ts";
import { readCold, textOf } from "./log-contents.ts";

const worker = fileURLToPath(new URL("kill-worker.mjs", import.meta.url));

/** How the worker gets at the remote: a module that exports `openRemote(place)`, and the place. */
interface WorkerRemote {
  readonly module: string;
  readonly place: string;
}

/** What is killed, and how often. */
export interface KilledLogOptions {
  /** Decides the log's key and the moments of the kills. */
  readonly seed: number;
  /** How many times the writer is started and killed. */
  readonly rounds: number;
  /** The remote of a log whose folder is given: for the worker, and for the check at the end. */
  readonly remoteIn: (folder: string) => {
    readonly worker: WorkerRemote;
    readonly open: () => Remote | Promise<Remote>;
  };
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs the worker and kills it: a moment after it has said some lines, or now and then before it has opened its log. */
async function runAndKill(
  folder: string,
  secret: Uint8Array,
  run: number,
  random: () => number,
  { module, place }: WorkerRemote,
): Promise<string[]> {
  const words = [folder, Buffer.from(secret).toString("hex"), String(run), module, place];
  const child = spawn(process.execPath, [worker, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let complaint = "";
  const lines = random() < 0.1 ? 0 : 1 + Math.floor(random() * 24);
  let enough: () => void = () => undefined;
  const saidEnough = new Promise<void>((resolve) => {
    enough = resolve;
  });
  child.stdout.on("data", (piece: Buffer) => {
    said += piece.toString();
    if (said.split("\n").length > lines) enough();
  });
  child.stderr.on("data", (piece: Buffer) => {
    complaint += piece.toString();
  });
  const close = once(child, "close");
  const wait = random() * (lines === 0 ? 300 : 25);
  if (lines > 0) await Promise.race([saidEnough, close]);
  await new Promise((next) => setTimeout(next, wait));
  child.kill("SIGKILL");
  const [code, signal] = await close;
  if (signal !== "SIGKILL") throw new Error(`The worker ended by itself (${code}): ${complaint}`);
  return said.split("\n").slice(0, -1);
}

/**
 * One log whose writer is killed again and again, and then checked: nothing that it acknowledged is lost or there
 * twice, and no two roots were signed for one size.
 *
 * @returns how many entries it had acknowledged, and how many heads it had sent
 */
export async function killOneLog({
  seed,
  rounds,
  remoteIn,
}: KilledLogOptions): Promise<{ acknowledged: number; sent: number }> {
  const random = randomFrom(seed);
  const secret = Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256));
  const folder = await mkdtemp(join(tmpdir(), "remote-log-kill-"));
  const { worker: workerRemote, open } = remoteIn(folder);
  const acknowledged = new Map<number, string>();
  const sent = new Map<string, string>();
  try {
    for (let run = 0; run < rounds; run++) {
      for (const line of await runAndKill(folder, secret, run, random, workerRemote)) {
        const [kind, place, hash] = line.split(" ") as [string, string, string];
        if (kind === "acknowledged") {
          expect(acknowledged.has(Number(place)), `entry ${place} was given away twice`).toBe(false);
          acknowledged.set(Number(place), hash);
        } else if (kind === "sent") {
          expect(sent.get(place) ?? hash, `two roots were signed for ${place} entries`).toBe(hash);
          sent.set(place, hash);
        } else {
          expect(Number(hash)).toBeGreaterThanOrEqual(acknowledged.size);
        }
      }
    }
    await checkLog(folder, secret, acknowledged, await open());
    return { acknowledged: acknowledged.size, sent: sent.size };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Checks a log whose writer has died: what was acknowledged is there once, and readers get all of it.
 *
 * @param isWhole - whether nothing is missing on the remote; otherwise it is repaired first
 */
export async function checkLog(
  folder: string,
  secret: Uint8Array,
  acknowledged: ReadonlyMap<number, string>,
  remote: Remote,
  isWhole: boolean = true,
): Promise<void> {
  const journal = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, "journal"));
  const witness = fileWitness(join(folder, "journal.witness"));
  // What was acknowledged is there as the witness states it, and the witness lags behind no acknowledgement.
  const stated = JSON.parse(new TextDecoder().decode(await witness.load()));
  expect(stated.size).toBeGreaterThanOrEqual(acknowledged.size);
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: secret,
    journal,
    witness,
    remotes: [remote],
    publish: "manual",
  });
  // What the killed processes published is whole before anything is put right.
  const reader = await openReader({ logId: writer.logId, remotes: [remote] });
  if (isWhole) for await (const { content } of reader.from(0)) expect(content.length).toBeGreaterThan(0);
  await (isWhole ? writer.publish() : writer.repair());
  expect((await reader.sync()).size).toBe(writer.size);
  await reader.close();
  const own: string[] = [];
  for await (const { content } of writer.entries()) own.push(textOf(content));
  await writer.close();
  const published = await readCold(writer.logId, remote);
  expect(published).toEqual(own);
  expect(new Set(published).size).toBe(published.length);
  for (const [sequence, hash] of acknowledged) {
    expect(createHash("sha256").update(published[sequence]!).digest("hex")).toBe(hash);
  }
  for (const content of published) {
    const [run, number] = content.split(" ")[0]!.split("-").map(Number) as [number, number];
    expect(content).toBe(`${run}-${number} ${"x".repeat((number * 7919 + run * 104_729) % 2000)}`);
  }
}
