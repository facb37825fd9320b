// A web server for a folder, as plain as one can be: files, parts of files, and whether one has changed.

import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

/** Serves the files of a folder on 127.0.0.1. */
export async function serveFolder(root) {
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.writeHead(404).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(root, { url, headers }, response) {
  // Nothing else is asked for, and nothing else is served.
  if (!/^\/(?:contents|names)\/[0-9a-f]{64}$/.test(url)) return response.writeHead(404).end();
  const path = join(root, url);
  const { size, mtimeMs } = await stat(path);
  const etag = `"${size}-${mtimeMs}"`;
  if (headers["if-none-match"] === etag) return response.writeHead(304, { etag }).end();
  const bytes = await readFile(path);
  const part = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "");
  if (part === null) return response.writeHead(200, { etag, "content-length": bytes.length }).end(bytes);
  const [from, to] = [Number(part[1]), Math.min(Number(part[2]), bytes.length - 1)];
  if (from > to) return response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
  const range = `bytes ${from}-${to}/${bytes.length}`;
  response.writeHead(206, { etag, "content-length": to - from + 1, "content-range": range });
  response.end(bytes.subarray(from, to + 1));
}
