// What a runtime without the web's interfaces runs. The test gives it what an app on a phone has, as globals.

import { generateSeed, openReader, openWriter } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { tableDatabase } from "./table-database.ts";
import { wholeLife } from "./whole-life.ts";

/** How the runtime reports: with a result, or with an error. */
type Report = (outcome: string) => void;

async function main(): Promise<string> {
  const seed = generateSeed();
  const lived = await wholeLife({
    seed,
    journal: tableDatabase(),
    remote: memoryRemote(),
    other: memoryRemote({ label: "other" }),
  });
  return `${lived}; without: ${await eachMissing(seed)}`;
}

/** Takes away what is needed, one after the other, and tells what the openers say then. */
async function eachMissing(seed: Uint8Array): Promise<string> {
  const all = globalThis as Record<string, unknown>;
  const logId = "00".repeat(32);
  const told: string[] = [];
  for (const name of ["AbortController", "BigInt", "crypto"]) {
    const kept = all[name];
    all[name] = undefined;
    const opening = [
      openWriter({ settings: { visibility: "public" }, journal: tableDatabase(), seed }).then(
        () => "opened",
        tellError,
      ),
      openReader({ logId, remotes: [memoryRemote()] }).then(() => "opened", tellError),
    ];
    told.push(`${name}: ${(await Promise.all(opening)).join(" / ")}`);
    all[name] = kept;
  }
  return told.join("; ");
}

function tellError(error: unknown): string {
  const { code, reason, message } = error as { code?: string; reason?: string; message: string };
  return `${code} ${reason} ${/`([\w.]+)`/.exec(message)?.[1]}`;
}

const { report } = globalThis as unknown as { report: Report };
main().then(
  (result) => report(`done: ${result}`),
  (error: unknown) => report(`failed: ${describe(error as Error)}`),
);

function describe(error: Error): string {
  const { stack = error.message, cause } = error;
  return cause instanceof Error ? `${stack}\ncaused by ${describe(cause)}` : stack;
}
