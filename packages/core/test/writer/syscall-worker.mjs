// A writer in a process of its own that appends, publishes and repairs once, as soon as a line comes on its input:
// `node syscall-worker.mjs <folder> <seed in hexadecimal digits> <run>`. It tells what was acknowledged, line by line.
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { openWriter } from "@remote-log/core";
import { fileWitness, fsRemote } from "@remote-log/fs";
import { ClassicLevel } from "classic-level";

const [folder, seed, run] = process.argv.slice(2);

/** Tells the parent, in one write that is complete before the next step, whatever ends this process. */
function say(line) {
  writeSync(1, `${line}\n`);
}

/** The same content as the check at the end expects, of an entry of this run. */
function contentOf(number) {
  return Buffer.from(`${run}-${number} ${"x".repeat((number * 7919 + Number(run) * 104_729) % 2000)}`);
}

async function work() {
  const writer = await openWriter({
    seed: Uint8Array.from(Buffer.from(seed, "hex")),
    journal: new ClassicLevel(join(folder, "journal")),
    witness: fileWitness(join(folder, "journal.witness")),
    remotes: [fsRemote({ root: join(folder, "remote"), label: "folder" })],
    publish: "manual",
    settings: { visibility: "public", leafSize: 4, fanOut: 4 },
    leastCapacity: 1000,
  });
  const failures = [];
  const attempt = (step) => step().catch((error) => failures.push(error.code ?? error));
  const append = async (numbers) => {
    const contents = numbers.map(contentOf);
    const receipts = await writer.appendAll(contents);
    for (const [place, { sequence }] of receipts.entries())
      say(`acknowledged ${sequence} ${createHash("sha256").update(contents[place]).digest("hex")}`);
  };
  // A failure of one step is no reason not to try the next, as an application does.
  await attempt(() => append([0, 1, 2]));
  await attempt(() => writer.publish());
  await attempt(() => append([3, 4]));
  await attempt(() => writer.repair({ reads: true }));
  await attempt(() => writer.close());
  say(`ended ${failures.join(" ") || "well"}`);
}

async function begin() {
  process.stdin.destroy();
  try {
    await work();
  } catch (error) {
    say(`ended ${error.code ?? error}`);
    process.exitCode = 1;
  }
}

process.stdin.once("data", () => void begin());
say("ready");
