// Starts devices as processes, and judges what they delivered.

import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mvdsMessageId } from "@remote-log/core";
import { runs, until } from "@remote-log/test-kit";
import { atEnd, temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect } from "vitest";

/** How many messages each of the two sends. */
export const COUNT: number = runs(60, 500);
/** So far one is ahead of what it has delivered of the other, at most: the messages of both depend on each other. */
const WINDOW = 20;
const NAMES = ["alice", "bob"] as const;
type Name = (typeof NAMES)[number];

const program = fileURLToPath(new URL("device.mjs", import.meta.url));

/** What a device says when it has visited a server. */
export interface Visited {
  readonly logId: string;
  readonly key: string | undefined;
  readonly waiting: Readonly<Record<string, number>>;
  readonly requests: number;
}

interface Word {
  readonly delivered?: number;
  readonly sent?: number;
  readonly url?: string;
  readonly done?: true;
  readonly visited?: Visited;
  readonly event?: string;
  readonly error?: string;
}

/** One life of a device: a process. */
interface Life {
  /** The newest word of each kind. */
  readonly said: Word;
  /** Kinds of events, each with its error. */
  readonly events: readonly string[];
  /** Waits for something that it says. Fails if the process has ended without it, or nothing happens any more. */
  until(condition: (said: Word) => boolean, what: string): Promise<void>;
  /** Lets it end, and waits for that. Fails if it has failed. */
  end(): Promise<void>;
  kill(): Promise<void>;
}

/** Two devices, each with a folder of its own. */
export interface Devices {
  start(name: Name, plan: object): Life;
  /** What both have delivered is what the other one sent, whole, each once, and no message before its parents. */
  check(): Promise<void>;
}

/** What the device has as its message `i`: `device.mjs` says it as well. */
function messageOf(name: Name, i: number): { readonly id: string; readonly hash: string } {
  const body = Buffer.from(`${name} ${i} `.repeat(1 + ((i * 37) % 150)));
  const groupId = new Uint8Array(32).fill(7);
  const timestamp = BigInt(1_800_000_000 + i);
  return {
    id: Buffer.from(mvdsMessageId({ groupId, timestamp, body })).toString("hex"),
    hash: createHash("sha256").update(body).digest("hex"),
  };
}

/** Makes two devices. Their processes end with the tests of the file at the latest. */
export async function twoDevices(): Promise<Devices> {
  const root = await temporaryFolder();
  for (const name of NAMES) await mkdir(join(root, name));
  return {
    start: (name, plan) => {
      const peer = NAMES.find((other) => other !== name)!;
      const common = { name, peer, folder: join(root, name), count: COUNT, window: WINDOW, sends: COUNT };
      return newLife(JSON.stringify({ ...common, ...plan }));
    },
    async check() {
      for (const name of NAMES)
        await checkDelivered(name, await readFile(join(root, name, "delivered"), "utf8"));
    },
  };
}

async function checkDelivered(name: Name, text: string): Promise<void> {
  const peer = NAMES.find((other) => other !== name)!;
  const numbers = Array.from({ length: COUNT }, (_, i) => i);
  const known = new Set(numbers.map((i) => messageOf(name, i).id));
  const own = new Set(known);
  const found = new Map<string, string>();
  let answers = 0;
  for (const line of text.trimEnd().split("\n")) {
    const [id, hash, ...parents] = line.split(" ") as [string, string, ...string[]];
    // What was being delivered when the process was killed comes again.
    if (!found.has(id)) expect(parents.filter((parent) => !known.has(parent))).toEqual([]);
    if (parents.some((parent) => own.has(parent))) answers++;
    known.add(id);
    found.set(id, hash);
  }
  const sent = numbers.map((i) => messageOf(peer, i));
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(sent.map(({ id, hash }) => [id, hash])));
  // Otherwise the order would be that of one sender alone.
  expect(answers).toBeGreaterThan(0);
}

function newLife(plan: string): Life {
  // As an application would run it: on what was built, without the test's own settings of Node.
  const child: ChildProcess = fork(program, [plan], {
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const said: { -readonly [K in keyof Word]: Word[K] } = {};
  const events: string[] = [];
  let printed = "";
  let words = 0;
  child.stderr!.on("data", (data: Buffer) => {
    printed = (printed + data.toString()).slice(-4000);
  });
  child.on("message", (word: Word) => {
    words++;
    Object.assign(said, word);
    if (word.event !== undefined) events.push(`${word.event}: ${word.error}`);
  });
  const exited = once(child, "close");
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const kill = async (): Promise<void> => {
    if (!hasEnded()) process.kill(child.pid!, "SIGKILL");
    await exited;
  };
  atEnd(kill);
  return {
    said,
    events,
    until: (condition, what) =>
      until(
        () => {
          if (condition(said)) return true;
          if (hasEnded()) throw new Error(`The device has ended before ${what}: ${printed}`);
          return false;
        },
        { what, progress: () => words, stallMilliseconds: 240_000 },
      ),
    async end() {
      // One that ends by itself hears nothing any more, and need not.
      if (child.connected) child.send({ end: true }, () => undefined);
      await exited;
      expect(child.exitCode, printed).toBe(0);
    },
    kill,
  };
}
