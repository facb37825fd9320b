import { once } from "node:events";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { rlog, startRlog } from "./rlog.mjs";
import { count, holds, say, show, title } from "./telling.mjs";

/** After how many acknowledged entries of the second batch Alice is killed. */
const KILLED_AFTER = 700;

/** Alice begins a log, appends a first batch and publishes it, and makes the link for Bob. */
export async function alicePublishes({ folder, alice, storage, input, first }) {
  title("1. Alice begins a log on her disk, appends a file, and publishes it");
  const init = await rlog("init", "--dir", alice, "--remote", storage.uri);
  const id = /\b[0-9a-f]{64}\b/.exec(init.stdout)[0];
  say(`The log id is ${id}.`);
  const appended = await rlog("append", "--dir", alice, "--file", input.first, "--publish");
  show(appended.stderr);
  holds(appended.code === 0, `${count(first)} lines, an entry each, are on her disk, and readable by name`);
  const link = join(folder, "link");
  await writeFile(link, (await rlog("link", "--dir", alice)).stdout);
  say(
    "She sends Bob the link, which has the key. The storage has none, and sees no word of what she writes.",
  );
  // For later: what the storage shows today, and a copy of Alice's device.
  const old = await storage.keep();
  const copiedDevice = join(folder, "copied-device");
  await cp(alice, copiedDevice, { recursive: true });
  return { link: `@${link}`, old, copiedDevice };
}

/** Alice is killed in the middle of a second batch, starts again, and continues. */
export async function aliceIsKilled({ folder, alice, input, lines, first }) {
  title("2. She is killed (kill -9) in the middle of a second batch, and starts again");
  const acknowledged = await appendAndKill(alice, input.second);
  say(`${count(acknowledged)} entries of the batch had been acknowledged when she was killed.`);
  const { size } = JSON.parse((await rlog("status", "--dir", alice, "--json")).stdout);
  holds(
    size >= first + acknowledged,
    `nothing that was acknowledged is lost: her log has ${count(size)} entries`,
  );
  const rest = join(folder, "rest.txt");
  await writeFile(
    rest,
    lines
      .slice(size)
      .map((line) => `${line}\n`)
      .join(""),
  );
  const appended = await rlog("append", "--dir", alice, "--file", rest, "--publish");
  show(appended.stderr);
  holds(
    appended.code === 0,
    `she appends the ${count(lines.length - size)} lines that were missing, and publishes`,
  );
  say("Then she goes offline. From here on there is only the storage.");
}

async function appendAndKill(alice, file) {
  const process = startRlog("append", "--dir", alice, "--file", file, "--ack");
  const exit = once(process, "exit");
  let acknowledged = 0;
  for await (const _ of createInterface({ input: process.stdout })) {
    acknowledged++;
    if (acknowledged === KILLED_AFTER) process.kill("SIGKILL");
  }
  await exit;
  return acknowledged;
}
