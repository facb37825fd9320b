// What a server sees of the logs on it: all requests, by a proxy before it, and what it keeps on its disk and logs.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerFiles } from "@remote-log/servers";
import { type Exchange, startRecordingProxy } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import type { Trace } from "../../src/leaks/index.ts";

/** A proxy before a server, with what went through it and what the server has on its disk. */
export async function behindProxy({ folder, log }: ServerFiles, target: string, path: string) {
  const proxy = await startRecordingProxy(target, path);
  atEnd(() => proxy.stop());
  return {
    url: proxy.url,
    sent: (): readonly Trace[] =>
      proxy.exchanges.flatMap((exchange, i) => {
        const part = (name: string, bytes: Uint8Array | string): Trace => ({
          name: `request ${i}, ${exchange.method}, ${name}`,
          bytes: typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes,
        });
        return [
          part("URL", exchange.url),
          part("headers", exchange.headers),
          part("body", exchange.body()),
          part("headers of the answer", exchange.answerHeaders),
          part("answer", exchange.answerBody()),
        ];
      }),
    kept: async (): Promise<readonly Trace[]> => [
      ...(await filesIn(folder)),
      { name: "the log of the server", bytes: await readFile(log) },
    ],
    lengths: async (): Promise<readonly string[]> =>
      proxy.exchanges
        .filter((exchange) => !reads(exchange))
        .map((exchange) => {
          const { method, url, headers } = exchange;
          return `${method} ${url.length} ${headers.length} ${exchange.body().length}`;
        })
        .sort(),
  };
}

/** Whether a request only reads. Kubo takes everything by POST. */
function reads({ method, url }: Exchange): boolean {
  return (
    method === "GET" ||
    method === "HEAD" ||
    /^\/api\/v0\/(?:block\/get|block\/stat|name\/get|routing\/get)\b/.test(url)
  );
}

/** Every file in a folder, and its path as a trace of its own. A file may go away while a server works. */
export async function filesIn(folder: string): Promise<Trace[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name).slice(folder.length);
        const bytes = await readFile(join(folder, path)).catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Uint8Array();
          throw error;
        });
        return [
          { name: path, bytes },
          { name: "a path", bytes: Buffer.from(path) },
        ];
      }),
  );
  return files.flat();
}
