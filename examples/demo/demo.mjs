// The main job, step by step, with real processes and real files: `pnpm demo`.
import { rm } from "node:fs/promises";
import { aliceIsKilled, alicePublishes } from "./alice.mjs";
import { bobCatchesUp } from "./bob-catches-up.mjs";
import { prepare } from "./scene.mjs";
import { storageLies } from "./storage-lies.mjs";
import { say, title } from "./telling.mjs";

const started = performance.now();
const scene = await prepare();
try {
  title("remote-log: a log that others read while its writer is offline");
  const log = await alicePublishes(scene);
  await aliceIsKilled(scene, log);
  await bobCatchesUp(scene, log);
  await storageLies(scene, log);
  title(`All of it held, in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  say("Now try it yourself: README.md has the first twenty lines.");
} finally {
  await rm(scene.folder, { recursive: true, force: true });
}
