// A process of its own that uses a folder: `node worker.mjs <task> <root> <seed>`. It runs the built package, as a user would.
import { writeSync } from "node:fs";
import { fsNames, fsStorage } from "@remote-log/fs";

const [task, root, seed] = process.argv.slice(2);
const names = fsNames({ root });
const storage = fsStorage({ root });

/** Tells the parent, in one write that is complete before the next step, whatever kills this process. */
function say(line) {
  writeSync(1, `${line}\n`);
}

async function tryUpdate(expected, text) {
  try {
    return await names.update("race", new TextEncoder().encode(text), { expected });
  } catch (error) {
    if (error.code === "ERR_NAME_CONFLICT") return undefined;
    // A process that was stopped for long may not learn what came of it.
    if (error.code === "ERR_UNREACHABLE" && task === "free") return "unknown";
    throw error;
  }
}

const tasks = {
  /** One update from the revision that each message gives, all processes at once. */
  async rounds() {
    const answer = async ({ round, expected }) => {
      const revision = await tryUpdate(expected, `${round} ${seed}`);
      process.send({ round, revision });
    };
    process.on("message", (message) => void answer(message));
    process.send("ready");
  },

  /**
   * Goes on from whatever is newest until it has won 60 times; tells each win as `from to text`. After it was stopped for long, it may
   * not learn what came of an update: then `to` is `unknown`.
   */
  async free() {
    for (let won = 0, tried = 0; won < 60; tried++) {
      const found = await names.resolve("race");
      const from = found.status === "found" ? found.revision : null;
      const text = `${seed} ${tried}`;
      const to = await tryUpdate(from, text);
      if (to === undefined) continue;
      if (to !== "unknown") won++;
      say(`${from} ${to} ${text}`);
    }
  },

  /** Stores contents and updates a name until it is killed; tells what was acknowledged. */
  async endless() {
    const found = await names.resolve("crash");
    let revision = found.status === "found" ? found.revision : null;
    let count = found.status === "found" ? Number(new TextDecoder().decode(found.content.slice(0, 12))) : 0;
    for (let i = 0; ; i++) {
      const content = new Uint8Array(40 + ((i * 7919) % 200_000)).fill(i);
      content.set(new TextEncoder().encode(`${seed} ${i}`));
      const address = await storage.put(content);
      say(`put ${address}`);
      count++;
      const head = new Uint8Array(1000 + ((count * 131) % 50_000)).fill(count);
      head.set(new TextEncoder().encode(String(count).padStart(12, "0")));
      revision = await names.update("crash", head, { expected: revision });
      say(`update ${count} ${revision}`);
    }
  },
};

await tasks[task]();
