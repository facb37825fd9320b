import { parseLink, type Remote } from "@remote-log/core";
import type { KeepPass, KeptRecord } from "@remote-log/ipfs";
import { describe, Interrupted, usageError } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { throughNode } from "../ipfs-kinds.ts";
import { type RecordNames, takesRecords } from "../ipns-record.ts";
import { closeRemotes, openRemotes, parseRemote, type RemotePlace } from "../remotes.ts";

/** Options of `rlog keep`. */
export interface KeepCommandOptions {
  readonly node?: string;
  readonly once?: boolean;
  readonly every: number;
}

interface KeptName {
  readonly name: string;
  readonly names: RecordNames;
}

/** Puts the records of IPNS names again before they are forgotten. Needs no key. */
export async function keep(
  invocation: Invocation,
  texts: readonly string[],
  options: KeepCommandOptions,
): Promise<void> {
  const remotes = await openRemotes(texts.flatMap((text) => placesIn(text, options.node)));
  try {
    const names = remotes.map(keptName);
    const { keepName, keepNameOnce } = await import("@remote-log/ipfs");
    const { signal } = invocation;
    if (options.once === true) {
      await keepAll(names, async (kept) => {
        await say(invocation, kept.name, await keepNameOnce({ ...kept, signal }));
      });
      return;
    }
    const everyMilliseconds = options.every * 3_600_000;
    await keepAll(names, async (kept) => {
      for await (const pass of keepName({ ...kept, everyMilliseconds, signal })) {
        await sayPass(invocation, kept.name, pass);
      }
    });
  } catch (error) {
    // To be ended is how a keeper ends.
    if (options.once === true || !(invocation.signal.reason instanceof Interrupted)) throw error;
  } finally {
    await closeRemotes(remotes);
  }
}

/** One name is kept also where another one can't be. */
async function keepAll(names: readonly KeptName[], task: (kept: KeptName) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(names.map(task));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

// Of a link, the remotes that have an IPNS name; the others need no keeping.
function placesIn(text: string, node: string | undefined): RemotePlace[] {
  if (/^[0-9a-f]{64}$/.test(text)) {
    throw usageError("A log's id does not tell its IPNS name. Give the log's link, or ipns://k51….");
  }
  const linked = text.startsWith("rlog:") ? parseLink(text).remotes.filter(isIpns) : [text];
  if (linked.length === 0)
    throw usageError("The link names no IPNS name: there is nothing that has to be kept.");
  return linked.map((uri) => {
    const place = parseRemote(uri);
    const through = node !== undefined && place.uri.startsWith("ipns://") && !/[?&]node=/.test(place.uri);
    return through ? { ...place, uri: throughNode(place.uri, node) } : place;
  });
}

function isIpns(uri: string): boolean {
  return /^(ipns|ipfs\+https?):/.test(uri);
}

function keptName({ name, names }: Remote): KeptName {
  if (name !== undefined && takesRecords(names)) return { name, names };
  throw usageError(
    "A name is kept through a node that can publish: add --node http://127.0.0.1:5001, or write " +
      "ipns://k51…?node=http://127.0.0.1:5001 or ipfs+http://127.0.0.1:5001?name=k51….",
  );
}

async function sayPass(invocation: Invocation, name: string, pass: KeepPass): Promise<void> {
  if (pass.status === "kept") await say(invocation, name, pass);
  else await invocation.warn(`/ipns/${name} was not kept this time: ${describe(pass.error, false)}`);
}

async function say(invocation: Invocation, name: string, { record, routes }: KeptRecord): Promise<void> {
  const taken = routes.filter(({ status }) => status === "taken").map(({ route }) => route);
  const until = new Date(record.expires).toISOString();
  await invocation.out.write(
    `kept /ipns/${name}: number ${record.sequence}, expires ${until}, put on ${taken.join(" and ")}\n`,
  );
  for (const route of routes) {
    if (route.status === "failed") await invocation.warn(`/ipns/${name}: ${describe(route.error, false)}`);
  }
}
