// A writer in a process of its own that publishes a backlog, and is killed after some uploads:
// `node backlog-worker.mjs <folder> <entries> <uploads>`. It runs the built packages, as a user would, and prints one letter
// for each upload that arrives.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { openWriter } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { openRemote } from "./kill-remote.mjs";

const [folder, entries, limit] = process.argv.slice(2);
const remote = openRemote(join(folder, "remote"));
let uploads = 0;
const storage = {
  name: remote.storage.name,
  capabilities: { ...remote.storage.capabilities, delete: false, list: false },
  get: (address, options) => remote.storage.get(address, options),
  has: (address, options) => remote.storage.has(address, options),
  async put(content, options) {
    // The one in between is killed before it has an answer.
    if (++uploads > Number(limit)) process.kill(process.pid, "SIGKILL");
    writeSync(1, ".");
    return remote.storage.put(content, options);
  },
};

const writer = await openWriter({
  settings: { visibility: "public" },
  seed: new Uint8Array(32).fill(5),
  journal: new ClassicLevel(join(folder, "journal")),
  remotes: [{ ...remote, storage }],
  publish: "manual",
});
const missing = Array.from({ length: Number(entries) - writer.size }, (_, i) =>
  Buffer.from(`entry ${writer.size + i} `.padEnd(1100, "x")),
);
if (missing.length > 0) await writer.appendAll(missing);
await writer.publish();
await writer.close();
