// The server: mirrors every log, and answers readers.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { NOT_FOUND, send } from "./http/answers.ts";
import { type Routes, route } from "./http/router.ts";
import { Lanes } from "./lanes.ts";
import type { LogServer, ServeOptions } from "./options.ts";
import { ServedLog } from "./served-log.ts";

const PORT = 8080;
const PASS_MILLISECONDS = 120_000;
const PASSES_AT_ONCE = 8;
/** How long a client may take to send a request, and how many may be connected: nobody holds a connection for nothing. */
const REQUEST_MILLISECONDS = 30_000;
const MOST_CONNECTIONS = 1024;
/** How long answers that were begun may take when it ends, in milliseconds. */
const PATIENCE = 5_000;

/**
 * Mirrors logs into a folder, again and again, and serves them over HTTP: in the layout of a public bucket, which `publicS3Remote` of
 * `@remote-log/s3/public` reads, in browsers too, and as C2SP tlog-tiles. Needs no key of any log.
 *
 * | URL | what |
 * | --- | --- |
 * | `/logs/<log id>` | the copy, for readers of remote logs |
 * | `/tlog/<SHA-256 of the origin>/` | `checkpoint`, `tile/…`, `tile/entries/…`: C2SP tlog-tiles, as tlog-mirror places them |
 * | `/add-checkpoint`, `/witness/<SHA-256 of the origin>/checkpoint` | C2SP tlog-witness, with `witness` |
 * | `/metrics`, `/healthz` | for operators |
 *
 * A log that is slow, endless or over its limits holds up no other: see {@link ServeOptions}.
 *
 * @throws an error of the system if it can't listen, or can't use the folder
 *
 * @example
 * ```ts
 * import { serve } from "@remote-log/serve";
 * import { publicS3Remote } from "@remote-log/s3/public";
 *
 * export function mirrorOf(logId: string, url: string) {
 *   return serve({ folder: "mirror", logs: [{ logId, remotes: [publicS3Remote({ url })] }] });
 * }
 * ```
 */
export async function serve(options: ServeOptions): Promise<LogServer> {
  const ending = new AbortController();
  const { signal } = ending;
  const { passesAtOnce = PASSES_AT_ONCE, passMilliseconds = PASS_MILLISECONDS } = options;
  const parts = { options, lanes: new Lanes(passesAtOnce, passMilliseconds) };
  const logs: ServedLog[] = [];
  for (const log of options.logs) logs.push(await ServedLog.open(log, parts, signal));
  const routes: Routes = { logs, witness: options.witness };
  const answering = new Set<Promise<void>>();
  const server = createServer({ requestTimeout: REQUEST_MILLISECONDS }, (request, response) => {
    const sent = answer(request, response, routes).finally(() => answering.delete(sent));
    answering.add(sent);
  });
  server.maxConnections = MOST_CONNECTIONS;
  const { host = "127.0.0.1", port = PORT } = options;
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    await Promise.all(logs.map((log) => log.close()));
    throw error;
  }
  const running = logs.map((log) => log.run(signal).catch(() => undefined));
  const { address, port: own, family } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    ending.abort();
    const closed = once(server, "close");
    server.close();
    await Promise.all(running);
    const patience = setTimeout(() => server.closeAllConnections(), PATIENCE);
    await Promise.all(answering);
    // Those that are left send nothing, or read nothing.
    server.closeAllConnections();
    await closed;
    clearTimeout(patience);
    await Promise.all(logs.map((log) => log.close()));
  };
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${own}`,
    close: () => (closing ??= close()),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  try {
    send(request, response, await route(request, routes));
    if (!response.writableFinished) await once(response, "close");
  } catch {
    // A broken URL, or a client that left. Nothing of the system is told to strangers.
    if (!response.headersSent) send(request, response, { ...NOT_FOUND, status: 500, body: "It failed.\n" });
    else response.destroy();
  }
}
