// A name in a folder, and what other writers do to it at a moment.

import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { bytes } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { fsNames } from "../src/index.ts";
import { encodeValue, formatRevision, newRevision } from "../src/revision.ts";
import type { SystemCall, SystemCalls } from "./system-calls.ts";

/** A name with some updates: the revisions, oldest first, and its folder. */
export async function namesWith(count: number, calls: SystemCalls) {
  const root = await temporaryFolder();
  const names = fsNames({ root });
  const revisions: string[] = [];
  for (let at = 0; at < count; at++) {
    revisions.push(await names.update("log", bytes(`value ${at}`), { expected: revisions.at(-1) ?? null }));
  }
  const area = join(root, "names");
  await names.resolve("log");
  const [hash = ""] = count === 0 ? [] : await readdir(area);
  calls.reset();
  return { root, names, revisions, newest: revisions.at(-1) as string, area, folder: join(area, hash) };
}

/** Does something right before a call is made: what another process may do in that moment. */
export function actBefore(calls: SystemCalls, is: (call: SystemCall) => boolean, act: () => void): void {
  let done = false;
  const { calls: seen } = calls;
  const push = seen.push.bind(seen);
  seen.push = (...made) => {
    if (!done && made.some(is)) {
      done = true;
      act();
    }
    return push(...made);
  };
}

/** Whether a call is one of a kind, on a file of some name. */
export const isCall = (call: string, name?: RegExp) => (made: SystemCall) =>
  made.call === call && (name === undefined || name.test(basename(made.path)));

/** Another writer's revision after one: its folder, and the link that decides. */
export function another(folder: string, after: string): string {
  const revision = newRevision(Number(after.slice(0, 16)) + 1);
  const path = join(folder, formatRevision(revision));
  mkdirSync(path);
  writeFileSync(join(path, "value"), encodeValue(revision, bytes("another")));
  linkSync(join(path, "value"), join(folder, after, "next"));
  return formatRevision(revision);
}
