import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rlog } from "./rlog.mjs";
import { holds, say, show, title } from "./telling.mjs";

/** The storage lies in three ways, and Bob believes none of it. Returns the file with the proof of the third. */
export async function storageLies(scene, log) {
  title("4. The storage lies");
  await oneFlippedBit(scene, log);
  await anOldHead(scene, log);
  return aForkedHead(scene, log);
}

async function oneFlippedBit({ storage }, log) {
  say("It flips one bit of one page:");
  await storage.whileOneBitIsFlipped(async () => {
    await refused(["read", log.link, "--remote", storage.uri, "--no-state"], "ERR_INTEGRITY");
  });
}

async function anOldHead({ storage, bob }, log) {
  say("It shows the state from before the second batch:");
  await storage.whileItShows(log.old, async () => {
    const stderr = await refused(["read", log.link, "--remote", storage.uri, "--state", bob], "ERR_ROLLBACK");
    holds(stderr.includes("Nothing of it was used"), "and not a byte of it is delivered");
  });
}

async function aForkedHead({ folder, storage, bob }, log) {
  say(
    "Somebody with a copy of Alice's device signs another history with her key, and the storage shows that one:",
  );
  const forged = join(folder, "forged.txt");
  await writeFile(forged, Array.from({ length: 6000 }, (_, i) => `I never said that (${i})\n`).join(""));
  let proof;
  await storage.whileItShows(log.old, async () => {
    await rlog("append", "--dir", log.copiedDevice, "--file", forged, "--publish");
    const stderr = await refused(["read", log.link, "--remote", storage.uri, "--state", bob], "ERR_FORK");
    proof = /\S+fork-[0-9a-f]+\.json/.exec(stderr)[0];
    const checked = await rlog("verify-fork", proof);
    show(checked.stdout);
    holds(checked.code === 0, "the proof of it can be checked by anyone, offline");
  });
  return proof;
}

async function refused(command, code) {
  const { stderr, code: exit } = await rlog(...command);
  show(stderr);
  holds(exit === 3 && stderr.includes(code), `Bob refuses it: ${code}`);
  return stderr;
}
