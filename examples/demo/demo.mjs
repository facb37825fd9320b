// The main job, step by step, with real processes on a real storage: `pnpm demo`, or `pnpm demo --on minio`.
import { rm } from "node:fs/promises";
import { aliceIsKilled, alicePublishes } from "./alice.mjs";
import { bobCatchesUp } from "./bob-catches-up.mjs";
import { readChoice } from "./choice.mjs";
import { interrupted } from "./interrupted.mjs";
import { prepare } from "./scene.mjs";
import { openStorage } from "./storage/storages.mjs";
import { storageLies } from "./storage-lies.mjs";
import { say, title } from "./telling.mjs";
import { leave } from "./what-is-left.mjs";

const name = readChoice(process.argv.slice(2));
if (name !== undefined) {
  try {
    await tell(name);
  } catch (error) {
    // Whatever broke off then, this is why.
    if (interrupted.aborted) process.exitCode = 130;
    else if (error.name === "ServerError") {
      console.error(error.message);
      process.exitCode = 1;
    } else throw error;
  }
}

async function tell(name) {
  const scene = await prepare();
  let told = false;
  try {
    const storage = await openStorage(name, scene.folder);
    try {
      await story({ ...scene, storage });
      told = true;
    } finally {
      await storage.close();
    }
  } finally {
    if (!told) await rm(scene.folder, { recursive: true, force: true });
  }
}

async function story(scene) {
  const started = performance.now();
  title("remote-log: a log that others read while its writer is offline");
  for (const line of scene.storage.about) say(line);
  const log = await alicePublishes(scene);
  await aliceIsKilled(scene);
  await bobCatchesUp(scene, log);
  const proof = await storageLies(scene, log);
  title(`All of it held, in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  await leave(scene, log, proof);
}
