import { fork } from "node:child_process";
import { once } from "node:events";

/** Starts our own S3 server in a process of its own, which ends with this one. */
export async function startOwnServer({ signal }) {
  // In a session of its own, so that Ctrl-C in a terminal does not end it under the demo.
  const child = fork(new URL("own-server-process.mjs", import.meta.url), { detached: true });
  const exit = once(child, "exit");
  const stop = async () => {
    if (child.connected) child.disconnect();
    await exit;
  };
  const early = exit.then(([code]) => {
    throw new Error(`Our own S3 server ended with exit code ${code} before the demo did.`);
  });
  early.catch(() => undefined);
  try {
    const [server] = await Promise.race([once(child, "message", { signal }), early]);
    return { ...server, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
