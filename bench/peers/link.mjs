// A connection on 127.0.0.1 that takes as long as one to a far place, and counts what goes through it.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * A port that leads to another one. What is sent arrives half a round trip later, in either direction, and connecting takes one
 * more round trip, as with TCP. Bandwidth has no limit.
 *
 * @param target - the port that it leads to
 * @param latency - milliseconds of a round trip
 */
export async function openLink(target, latency) {
  let bytes = 0;
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: "127.0.0.1", noDelay: true });
    const opened = performance.now() + latency;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      sockets.add(from);
      from.once("close", () => sockets.delete(from));
      from.on("error", () => to.destroy());
      const carry = inOrder(opened, latency / 2);
      from.on("data", (chunk) => {
        bytes += chunk.length;
        carry(() => to.write(chunk));
      });
      from.once("end", () => carry(() => to.end()));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    bytes: () => bytes,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Does things later, each after a delay and none before those that came earlier. */
function inOrder(opened, delay) {
  const waiting = [];
  let waits = false;
  const arrive = () => {
    const now = performance.now();
    while (waiting.length > 0 && waiting[0].at <= now) waiting.shift().task();
    waits = waiting.length > 0;
    if (waits) setTimeout(arrive, Math.max(1, waiting[0].at - now));
  };
  return (task) => {
    const now = performance.now();
    const at = Math.max(now, opened) + delay;
    if (at <= now && !waits) return task();
    waiting.push({ at, task });
    if (waits) return;
    waits = true;
    setTimeout(arrive, Math.max(1, at - now));
  };
}
