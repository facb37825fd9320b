// The client of a hostile server, in a process of its own, whose memory is watched. It does one operation for each message, and
// tells how that ended. Its arguments: a module that exports `operations`, functions of a URL and a signal by their names; and when an
// operation is taken for one that never ends, in milliseconds.
import { setTimeout as wait } from "node:timers/promises";

const [, , module, hungMilliseconds] = process.argv;
const { operations, end = async () => undefined } = await import(module);

const HUNG = Symbol("hung");

const TOO_MUCH_MEMORY = 86;

let most = 0;
const look = () => {
  most = Math.max(most, process.memoryUsage.rss());
  // Before it harms the machine of whoever runs the test.
  if (most > 1024 ** 3) process.exit(TOO_MUCH_MEMORY);
};
setInterval(look, 10).unref();

async function run({ operation, url, milliseconds }) {
  const controller = new AbortController();
  const reason = new Error("The caller gave up.");
  const timer = setTimeout(() => controller.abort(reason), milliseconds);
  const hung = wait(Number(hungMilliseconds), HUNG, { ref: false });
  try {
    const value = await Promise.race([operations[operation](url, controller.signal), hung]);
    if (value === HUNG) return { status: "hung" };
    return { status: "value", value: `${value}`.slice(0, 100) };
  } catch (error) {
    if (error === reason) return { status: "aborted" };
    const { name, code, message, reason: why } = /** @type {Record<string, unknown>} */ (error ?? {});
    return { status: "error", name, code, reason: why, message: `${message}`.slice(0, 300) };
  } finally {
    clearTimeout(timer);
  }
}

/** Whoever started it is gone. */
function leave() {
  process.exit();
}

async function answer(message) {
  if (message.kind === "run") process.send({ id: message.id, ...(await run(message)) });
  if (message.kind === "memory") {
    const since = most;
    global.gc();
    await wait(50);
    global.gc();
    most = 0;
    look();
    process.send({ id: message.id, most: Math.max(since, most), now: process.memoryUsage.rss() });
  }
  if (message.kind === "end") {
    await end();
    process.off("disconnect", leave).disconnect();
  }
}

process.on("message", (message) => void answer(message));
process.on("disconnect", leave);
process.send({ id: "ready", operations: Object.keys(operations) });
