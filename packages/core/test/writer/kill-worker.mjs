// A writer in a process of its own that appends and publishes until it is killed:
// `node kill-worker.mjs <folder> <seed in hexadecimal digits> <run> <module> <place>`, where the module exports
// `openRemote(place)`. It runs the built packages, as a user would.
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { openWriter, parseCheckpoint, parseSignedNote } from "@remote-log/core";
import { fileWitness } from "@remote-log/fs";
import { ClassicLevel } from "classic-level";

const [folder, seed, run, module, place] = process.argv.slice(2);
const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** Tells the parent, in one write that is complete before the next step, whatever kills this process. */
function say(line) {
  writeSync(1, `${line}\n`);
}

const { openRemote } = await import(module);
const remote = await openRemote(place);
const names = {
  name: remote.names.name,
  capabilities: { ...remote.names.capabilities, watch: false },
  resolve: (name, options) => remote.names.resolve(name, options),
  update(name, content, options) {
    // The head has the signed note as text.
    const head = Buffer.from(content).toString("latin1");
    const note = Buffer.from(/remote-log\/v1\/.*?\n\n[^\n]*\n/s.exec(head)[0], "latin1").toString("utf8");
    const { size, root } = parseCheckpoint(parseSignedNote(note).text);
    say(`sent ${size} ${hex(root)}`);
    return remote.names.update(name, content, options);
  },
};

const writer = await openWriter({
  seed: Uint8Array.from(Buffer.from(seed, "hex")),
  journal: new ClassicLevel(join(folder, "journal")),
  witness: fileWitness(join(folder, "journal.witness")),
  remotes: [{ ...remote, names }],
  publish: Number(run) % 2 === 0 ? "auto" : "manual",
  settings: { visibility: "public", leafSize: 4, fanOut: 4 },
  leastCapacity: 1000,
});
say(`open ${writer.logId} ${writer.size}`);

for (let i = 0; ; i += 3) {
  const contents = [i, i + 1, i + 2].map((number) => {
    const length = (number * 7919 + Number(run) * 104_729) % 2000;
    return Buffer.from(`${run}-${number} ${"x".repeat(length)}`);
  });
  const receipts = await writer.appendAll(contents);
  for (const [place, { sequence }] of receipts.entries()) {
    say(`acknowledged ${sequence} ${createHash("sha256").update(contents[place]).digest("hex")}`);
  }
  if (Number(run) % 2 === 1) await writer.publish();
  else if (i % 15 === 0) await receipts[0].published();
}
