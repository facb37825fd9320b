// `rlog serve`: mirrors logs for good, and serves the copies over HTTP.

import { join } from "node:path";
import type { Remote } from "@remote-log/core";
import type { ServedLogOptions, ServeEvent } from "@remote-log/serve";
import { type FileCosigner, openCosignerFile } from "../cosigning/cosigner-file.ts";
import { Interrupted, usageError } from "../errors/command-error.ts";
import { logArgument } from "../reading/log-argument.ts";
import { closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import { throughNode } from "../remotes/schemes/ipns.ts";
import { choresOf } from "../serving/chores.ts";
import {
  type ConfigLimits,
  type ConfigLog,
  readServeConfig,
  type ServeConfig,
} from "../serving/serve-config.ts";
import { counted } from "../terminal/counted.ts";
import { describe } from "../terminal/describe-error.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Options of `rlog serve`; those that are given count, and not those of the file. */
export interface ServeCommandOptions extends Omit<ServeConfig, "logs" | "trust"> {
  readonly config?: string;
  readonly trust: readonly string[];
}

/** Where it listens by default. */
const LISTEN = "127.0.0.1:8080";

/** Mirrors logs and serves them, until a signal ends it. */
export async function serveLogs(
  invocation: Invocation,
  links: readonly string[],
  { config: path, ...given }: ServeCommandOptions,
): Promise<void> {
  const { signal } = invocation;
  const file: ServeConfig = path === undefined ? { logs: [] } : await readServeConfig(path);
  const options = { ...file, ...withoutUndefined(given), trust: [...given.trust, ...(file.trust ?? [])] };
  const logs = [...links.map((link): ConfigLog => ({ link, remotes: [] })), ...file.logs];
  if (logs.length === 0) throw usageError("There is no log to serve. Name one, or a file with --config.");
  if (options.folder === undefined) throw usageError("Say where to keep the copies: --folder FOLDER.");
  if (options.cosign !== undefined && options.cosign === options.witness)
    throw usageError("A mirror and a witness say different things: give them two keys.");
  const { host, port } = addressOf(options.listen ?? LISTEN);
  const opened: Remote[] = [];
  const keys: FileCosigner[] = [];
  try {
    const key = async (name: string | undefined): Promise<FileCosigner | undefined> => {
      if (name === undefined) return undefined;
      const one = await openCosignerFile(invocation, name);
      keys.push(one);
      return one;
    };
    const mirror = await key(options.cosign);
    const witness = await key(options.witness);
    const served: ServedLogOptions[] = [];
    for (const log of logs) served.push(await openLog(invocation, log, { options, opened }));
    const { serve } = await import("@remote-log/serve");
    const server = await serve({
      logs: served,
      folder: join(options.folder),
      host,
      port,
      limits: limitsOf(options),
      ...(options.poll !== undefined && { pollMilliseconds: options.poll * 1000 }),
      ...(mirror && { cosigner: mirror.cosigner }),
      ...(witness && { witness: witness.cosigner }),
      onEvent: telling(invocation),
    });
    try {
      await invocation.out.write(`serving ${counted(served.length, "log")} at ${server.url}\n`);
      for (const { logId } of served) await invocation.out.write(`${server.url}/logs/${logId}\n`);
      await aborted(signal);
    } finally {
      await server.close();
    }
  } catch (error) {
    // A server is always ended by a signal, so that is no failure.
    if (!(signal.reason instanceof Interrupted)) throw error;
  } finally {
    await closeRemotes(opened);
    for (const one of keys) await one.close();
  }
}

async function openLog(
  invocation: Invocation,
  { link, remotes, ...own }: ConfigLog,
  {
    options,
    opened,
  }: {
    readonly options: Pick<ServeConfig, "node"> & { readonly trust: readonly string[] };
    readonly opened: Remote[];
  },
): Promise<ServedLogOptions> {
  const {
    logId,
    remotes: all,
    floor,
  } = await logArgument(invocation, link, { remote: remotes, trust: options.trust });
  // The user's own node publishes the names that a link names.
  const places = all.map((place) =>
    options.node !== undefined && place.uri.startsWith("ipns://")
      ? { label: place.label, uri: throughNode(place.uri, options.node) }
      : place,
  );
  const mine = await openRemotes(places);
  opened.push(...mine);
  return {
    logId,
    remotes: mine,
    limits: limitsOf(own),
    chores: choresOf(places, mine),
    ...(floor && { floor }),
  };
}

function limitsOf({
  maxBytes,
  maxEntries,
  maxRequests,
}: ConfigLimits): NonNullable<ServedLogOptions["limits"]> {
  return { bytes: maxBytes, entries: maxEntries, requestsPerMinute: maxRequests };
}

/** Tells what happens, and of each log only what is new. */
function telling(invocation: Invocation): (event: ServeEvent) => void {
  const told = new Map<string, string>();
  return ({ logId, kind, size, error }) => {
    const why = error === undefined ? "" : `: ${describe(error, false)}`;
    const isGood = kind === "mirrored";
    const line = `${logId} ${kind} (${counted(size, "entry", "entries")})${why}`;
    const key = kind === "chore-failed" ? `${logId} chore` : logId;
    if (told.get(key) === line) return;
    told.set(key, line);
    void (isGood ? invocation.out.write(`${line}\n`) : invocation.warn(`rlog: ${line}`)).catch(
      () => undefined,
    );
  };
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    throw usageError(`${text} is no place to listen at, such as ${LISTEN} or [::1]:8080.`);
  return { host: bracketed ?? plain!, port };
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
