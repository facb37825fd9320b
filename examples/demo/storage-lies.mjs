import { cp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rlog } from "./scene.mjs";
import { holds, say, show, title } from "./telling.mjs";

/** The storage lies in three ways, and Bob believes none of it. */
export async function storageLies(scene, logId) {
  title("4. The storage lies");
  await oneFlippedBit(scene, logId);
  await anOldHead(scene, logId);
  await aForkedHead(scene, logId);
}

async function oneFlippedBit(scene, logId) {
  say("It flips one bit of one page:");
  await lie(scene, scene.remote, async () => {
    const contents = join(scene.remote, "contents");
    const files = await readdir(contents, { recursive: true, withFileTypes: true });
    const page = files.find((file) => file.isFile());
    const path = join(page.parentPath ?? page.path, page.name);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] ^= 1;
    await writeFile(path, bytes);
    await refused(["read", logId, "--remote", scene.uri, "--no-state"], "ERR_INTEGRITY");
  });
}

async function anOldHead(scene, logId) {
  say("It shows the state from before the second batch:");
  await lie(scene, join(scene.folder, "old-remote"), async () => {
    const stderr = await refused(
      ["read", logId, "--remote", scene.uri, "--state", scene.bob],
      "ERR_ROLLBACK",
    );
    holds(stderr.includes("Nothing of it was used"), "and not a byte of it is delivered");
  });
}

async function aForkedHead(scene, logId) {
  say(
    "Somebody with a copy of Alice's device signs another history with her key, and the storage shows that one:",
  );
  const forged = join(scene.folder, "forged.txt");
  await writeFile(forged, Array.from({ length: 6000 }, (_, i) => `I never said that (${i})\n`).join(""));
  await lie(scene, join(scene.folder, "old-remote"), async () => {
    const device = join(scene.folder, "copied-device");
    await rlog("append", "--dir", device, "--file", forged, "--publish");
    const stderr = await refused(["read", logId, "--remote", scene.uri, "--state", scene.bob], "ERR_FORK");
    const checked = await rlog("verify-fork", /\S+fork-[0-9a-f]+\.json/.exec(stderr)[0]);
    show(checked.stdout);
    holds(checked.code === 0, "the proof of it can be checked by anyone, offline");
  });
}

// The storage is what it was, but for what it shows while it lies.
async function lie({ folder, remote }, shown, told) {
  const honest = join(folder, "honest");
  await rename(remote, honest);
  await cp(shown === remote ? honest : shown, remote, { recursive: true });
  await told();
  await rm(remote, { recursive: true });
  await rename(honest, remote);
}

async function refused(command, code) {
  const { stderr, code: exit } = await rlog(...command);
  show(stderr);
  holds(exit === 3 && stderr.includes(code), `Bob refuses it: ${code}`);
  return stderr;
}
