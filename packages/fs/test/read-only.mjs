// Uses remotes on a filesystem that is mounted read-only. Tells what came of it, as JSON.
import { fsRemote } from "../dist/index.js";

const [mounted] = process.argv.slice(2);
const bytes = new TextEncoder().encode("content");

async function outcome(work) {
  try {
    return (await work())?.status ?? "done";
  } catch (error) {
    return `${error.code} ${error.retry} ${error.cause?.code}`;
  }
}

const told = {};
for (const root of [mounted, `${mounted}/missing`, `${mounted}/missing/below`]) {
  const { storage, names } = fsRemote({ root });
  told[root.slice(mounted.length)] = [
    await outcome(() => storage.put(bytes)),
    await outcome(() => names.update("log", bytes, { expected: null })),
    await outcome(() => names.resolve("log")),
  ];
}
console.log(JSON.stringify(told));
