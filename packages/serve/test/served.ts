// Logs to serve, and a server of them.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSeed, openWriter, type Remote, type Writer } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { until } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { onTestFinished } from "vitest";
import { type LogServer, type ServeEvent, type ServeOptions, serve } from "../src/index.ts";

/** A log, and where it is published. */
export interface Written {
  readonly writer: Writer;
  readonly logId: string;
  readonly remote: Remote;
  append(count: number): Promise<void>;
}

/** Writes a log with some entries. */
export async function written(entries: number): Promise<Written> {
  const remote = memoryRemote({ label: "source" });
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes: [remote],
    publish: "manual",
  });
  onTestFinished(() => writer.close());
  const append = async (count: number): Promise<void> => {
    const from = writer.size;
    await writer.appendAll(
      Array.from({ length: count }, (_, i) => new TextEncoder().encode(`entry ${from + i}`)),
    );
    await writer.publish();
  };
  await append(entries);
  return { writer, logId: writer.logId, remote, append };
}

/** A server that runs until the test ends. */
export interface Serving {
  readonly server: LogServer;
  readonly folder: string;
  readonly events: ServeEvent[];
  /** Waits for something that happens to a log. */
  readonly happens: (logId: string, kind: ServeEvent["kind"], size?: number) => Promise<ServeEvent>;
  /** Asks it. */
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Serves logs. */
export async function serving(
  options: Omit<ServeOptions, "folder"> & { readonly folder?: string },
): Promise<Serving> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "remote-log-serve-")));
  const events: ServeEvent[] = [];
  const server = await serve({ port: 0, ...options, folder, onEvent: (event) => events.push(event) });
  onTestFinished(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    server,
    folder,
    events,
    happens: async (logId, kind, size) => {
      const find = (): ServeEvent | undefined =>
        events.find(
          (event) =>
            event.logId === logId && event.kind === kind && (size === undefined || event.size === size),
        );
      await until(() => find() !== undefined, {
        what: `${logId} ${kind}`,
        progress: () => events.length,
        stallMilliseconds: 180_000,
      });
      return find()!;
    },
    get: (path, init) => fetch(server.url + path, init),
  };
}
