// Somebody who may write in the root swaps a folder for a link to a folder outside, at every step of every operation.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import type * as promises from "node:fs/promises";
import { join } from "node:path";
import { fsNames, fsStorage } from "@remote-log/fs";
import { bytes, sample } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { describe, expect, test, vi } from "vitest";
import type { SystemCalls } from "./system-calls.ts";

const system = vi.hoisted(() => ({ calls: undefined as unknown }));
vi.mock("node:fs/promises", async (original: () => Promise<typeof promises>) => {
  const { SystemCalls } = await import("./system-calls.ts");
  const calls = new SystemCalls();
  system.calls = calls;
  return calls.wrap(await original());
});
const calls = system.calls as SystemCalls;

const content = bytes("content");
/** Files that the adapter might overwrite or remove, if it were led there. */
const DECOYS = ["value", "next", "first"];

interface Scene {
  readonly root: string;
  readonly outside: string;
  readonly act: () => Promise<unknown>;
}

type Prepare = (root: string) => Promise<{ readonly act: () => Promise<unknown>; readonly file?: string }>;

const operations: Record<string, Prepare> = {
  "a put": async (root) => {
    const storage = fsStorage({ root });
    const address = await storage.put(content);
    await storage.delete(address);
    return { act: () => storage.put(content), file: Buffer.from(address.digest).toString("hex").slice(2) };
  },
  "a first put": async (root) => ({ act: () => fsStorage({ root }).put(content) }),
  "a delete": async (root) => {
    const storage = fsStorage({ root });
    const address = await storage.put(content);
    return { act: () => storage.delete(address), file: Buffer.from(address.digest).toString("hex").slice(2) };
  },
  "an update": async (root) => {
    const quick = fsNames({ root, sync: false });
    const names = fsNames({ root });
    let expected: string | null = null;
    for (let i = 0; i < 6; i++) expected = await quick.update("log", content, { expected });
    return { act: () => names.update("log", content, { expected }) };
  },
  "a first update": async (root) => ({
    act: () => fsNames({ root }).update("log", content, { expected: null }),
  }),
};

async function prepared(prepare: Prepare): Promise<Scene> {
  const base = await temporaryFolder();
  const [root, outside] = [join(base, "root"), join(base, "outside")];
  mkdirSync(root);
  mkdirSync(outside);
  const { act, file } = await prepare(root);
  for (const name of file === undefined ? DECOYS : [...DECOYS, file])
    writeFileSync(join(outside, name), "theirs");
  return { root, outside, act };
}

/** Every folder below the root. */
function foldersIn(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [join(root, name), ...foldersIn(join(root, name))]);
}

/** Everything in a folder, as a text. */
function contentsOf(folder: string): string {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries
    .map((entry) => {
      const path = join(folder, entry.name);
      return `${entry.name}: ${entry.isDirectory() ? `{ ${contentsOf(path)} }` : readFileSync(path)}`;
    })
    .join("\n");
}

/** Takes the link away and puts the folder back, as far as the operation has left them there. */
function swapBack(folder: string, away: string): void {
  if (!existsSync(away)) return;
  try {
    if (lstatSync(folder).isSymbolicLink()) unlinkSync(folder);
  } catch {
    // It was renamed or removed.
  }
  if (!existsSync(folder)) renameSync(away, folder);
}

/** A swap: at which step, of which folder, and whether it is put back before the next step. */
interface Swap {
  readonly step: number;
  readonly which: number;
  readonly back: boolean;
}

/** Whether anything was different outside, at any moment of an operation during which one folder is swapped for a link. */
async function leadsOutside({ root, outside, act }: Scene, { step, which, back }: Swap): Promise<boolean> {
  const before = contentsOf(outside);
  const away = join(root, "..", "away");
  let steps = 0;
  let changed = false;
  let swapped: string | undefined;
  calls.before = () => {
    changed ||= contentsOf(outside) !== before;
    if (swapped !== undefined && back) {
      swapBack(swapped, away);
      swapped = undefined;
    }
    if (steps++ !== step) return;
    swapped = foldersIn(root)[which];
    if (swapped === undefined) return;
    renameSync(swapped, away);
    symlinkSync(outside, swapped);
  };
  try {
    await act().catch(() => undefined);
  } finally {
    calls.before = undefined;
  }
  return changed || contentsOf(outside) !== before;
}

/** How many folders there are at each step of an operation that nobody disturbs. */
async function foldersAtSteps({ root, act }: Scene): Promise<number[]> {
  const counts: number[] = [];
  calls.before = () => counts.push(foldersIn(root).length);
  try {
    await act();
  } finally {
    calls.before = undefined;
  }
  return counts;
}

// Elsewhere nothing can be opened relative to a folder that is held; see the README.
describe.skipIf(process.platform !== "linux")("a folder that is swapped for a link", () => {
  test.each(Object.entries(operations))(
    "at any step of %s leads nothing out of the root",
    async (name, prepare) => {
      const counts = await foldersAtSteps(await prepared(prepare));
      const swaps = counts.flatMap((folders, step) =>
        Array.from({ length: folders }, (_, which) =>
          [false, true].map((back) => ({ step, which, back })),
        ).flat(),
      );
      expect(swaps.length).toBeGreaterThan(0);
      const led: unknown[] = [];
      for (const swap of sample(name, swaps, 14)) {
        if (await leadsOutside(await prepared(prepare), swap)) led.push(swap);
      }
      expect(led).toEqual([]);
    },
  );
});
