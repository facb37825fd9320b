// Uses one folder by several remotes at once, in a process that may have few files open. Tells what came of it, as JSON.
import { closeSync, openSync } from "node:fs";
import { fsRemote } from "../dist/index.js";

const [root, hogs, counts] = process.argv.slice(2);
const remotes = Array.from({ length: 3 }, () => fsRemote({ root, sync: false }));
const outcomes = {};

async function many(count, what, work) {
  const settled = await Promise.allSettled(Array.from({ length: count }, (_, i) => work(remotes[i % 3], i)));
  for (const { status, reason } of settled) {
    const outcome = `${what}: ${status === "fulfilled" ? "done" : `${reason.code} ${reason.cause?.code}`}`;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
}

/** Uses up every file that the process may open. */
function takeAll() {
  const taken = [];
  try {
    for (;;) taken.push(openSync("/dev/null"));
  } catch {
    return taken;
  }
}

const addresses = [];
const put = async ({ storage }, i) => addresses.push(await storage.put(new Uint8Array([i, i >> 8])));
const count = Number(counts);
const doAll = async () => {
  await many(count, "put", put);
  await many(3 * count, "get", ({ storage }, i) => storage.get(addresses[i % addresses.length]));
  await many(count, "update", ({ names }, i) =>
    names.update(`${hogs}${i}`, new Uint8Array(9), { expected: null }),
  );
  await many(count, "resolve", ({ names }, i) => names.resolve(`${hogs}${i % count}`));
  await many(count, "delete", ({ storage }, i) => storage.delete(addresses[i]));
};

if (hogs === "hogged") {
  // Loaded before the files are gone.
  await put(remotes[0], 1000);
  const taken = takeAll();
  setTimeout(() => {
    for (const file of taken) closeSync(file);
  }, 300);
}
await doAll();
console.log(JSON.stringify(outcomes));
