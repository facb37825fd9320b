// A backlog on a real server, by processes that end after some uploads, through a proxy that fails one upload in a hundred.

import { expect } from "vitest";
import { openWriter, type PutOutcome, type Remote } from "../../src/index.ts";
import { contentsOf } from "./interrupted-publish.ts";
import { readCold, text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { ProcessLife } from "./process-life.ts";
import { wrapRemote } from "./wrapped-remote.ts";

/** Where a backlog is published. */
export interface ServerBacklog {
  /** The remote of one process, through the proxy. */
  readonly throughProxy: () => Remote | Promise<Remote>;
  /** The remote of a reader, without it. */
  readonly direct: () => Remote | Promise<Remote>;
  readonly entries: number;
  /** After how many uploads a process ends. */
  readonly uploadsPerLife: number;
}

/** Something that answers requests in place of a service; see `startScriptedServer`. */
interface Asked {
  readonly method: string;
  readonly path: string;
}

/** Whether to fail a request: every hundredth upload. */
export function everyHundredth(isUpload: (request: Asked) => boolean): ReturnType<typeof oneOf> {
  return oneOf(100, isUpload);
}

/** Whether to fail a request: one in a number of uploads. */
export function oneOf(
  count: number,
  isUpload: (request: Asked) => boolean,
): {
  readonly fails: (request: Asked) => boolean;
  readonly failed: () => number;
} {
  let uploads = 0;
  let failed = 0;
  return {
    fails: (request) => {
      if (!isUpload(request) || ++uploads % count !== 0) return false;
      failed++;
      return true;
    },
    failed: () => failed,
  };
}

function storedIn(result: unknown): string[] {
  const outcomes = result as readonly PutOutcome[];
  return outcomes.flatMap((one) => (one.status === "fulfilled" ? [String(one.value)] : []));
}

/** Publishes it, and reads all of it back. */
export async function publishInLives({
  throughProxy,
  direct,
  entries,
  uploadsPerLife,
}: ServerBacklog): Promise<{ lives: number; uploads: number; objects: number }> {
  const contents = contentsOf(entries, 1100);
  const stored = new Set<string>();
  let disk = new Map<string, Uint8Array>();
  let uploads = 0;
  for (let lives = 1; ; lives++) {
    const life = new ProcessLife();
    const journal = new PowerCutDatabase(disk, life);
    let inLife = 0;
    const remote = wrapRemote(await throughProxy(), async (call, proceed) => {
      const sent = call.kind === "put" ? 1 : (call.contents?.length ?? 0);
      inLife += sent;
      if (sent > 0 && inLife > uploadsPerLife) life.kill();
      await life.step();
      uploads += sent;
      const result = await proceed();
      await life.step();
      if (call.kind === "put") stored.add(String(result));
      if (call.kind === "putMany") for (const address of storedIn(result)) stored.add(address);
      return result;
    });
    let logId = "";
    let done = false;
    await life.run(async () => {
      const seed = new Uint8Array(32).fill(entries % 251);
      const writer = await openWriter({
        settings: { visibility: "public" },
        seed,
        journal,
        remotes: [remote],
        publish: "manual",
      });
      logId = writer.logId;
      if (writer.size === 0) await writer.appendAll(contents.map(text));
      await writer.publish();
      done = true;
      await writer.close();
    });
    life.kill();
    disk = journal.afterPowerCut(journal.unsynced);
    if (!done) continue;
    expect(await readCold(logId, await direct())).toEqual(contents);
    return { lives, uploads, objects: stored.size };
  }
}
