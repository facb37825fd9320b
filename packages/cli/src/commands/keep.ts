// `rlog keep`: publishes IPNS names again before the network forgets them.

import { parseLink, type Remote } from "@remote-log/core";
import type { KeepPass, KeptRecord } from "@remote-log/ipfs";
import { Interrupted, usageError } from "../errors/command-error.ts";
import { givenLink } from "../reading/given-link.ts";
import { isLogId, untrusted } from "../reading/log-argument.ts";
import { type RecordNames, takesRecords } from "../remotes/ipns-records.ts";
import { linkedPlaces } from "../remotes/linked/linked-places.ts";
import { trustedOrigins } from "../remotes/linked/trust.ts";
import { closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import { parseRemote, type RemotePlace } from "../remotes/remote-place.ts";
import { throughNode } from "../remotes/schemes/ipns.ts";
import { parameterOf } from "../remotes/uri-parameters.ts";
import { describe } from "../terminal/describe-error.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Options of `rlog keep`. */
export interface KeepCommandOptions {
  readonly trust: readonly string[];
  readonly node?: string;
  readonly once?: boolean;
  readonly every: number;
}

interface KeptName {
  readonly name: string;
  readonly names: RecordNames;
}

/** Publishes the records of IPNS names again before the network forgets them. Needs no key. */
export async function keep(
  invocation: Invocation,
  texts: readonly string[],
  options: KeepCommandOptions,
): Promise<void> {
  const links = [];
  for (const text of texts) links.push(await givenLink(text, invocation.signal));
  const remotes = await openRemotes(links.flatMap((text) => placesIn(text, options)));
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
    // A keeper is always ended by a signal, so that is no failure.
    if (options.once === true || !(invocation.signal.reason instanceof Interrupted)) throw error;
  } finally {
    await closeRemotes(remotes);
  }
}

/** Keeps every name, even if another one fails. Throws the first failure at the end. */
async function keepAll(names: readonly KeptName[], task: (kept: KeptName) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(names.map(task));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

// Of a link, only the remotes with an IPNS name: the others need no keeping.
function placesIn(text: string, { node, trust }: KeepCommandOptions): readonly RemotePlace[] {
  if (isLogId(text)) {
    throw usageError("A log's id does not tell its IPNS name. Give the log's link, or ipns://k51….");
  }
  if (!text.startsWith("rlog:")) return [at(parseRemote(text), node) ?? parseRemote(text)];
  const linked = parseLink(text).remotes.filter(isIpns).map(parseRemote);
  if (linked.length === 0) throw usageError("The link holds no IPNS name, so there is nothing to keep.");
  // The user's own node, and of the link the name alone.
  const through = linked.flatMap((place) => at(place, node) ?? []);
  const others = linked.filter((place) => at(place, node) === undefined).map(({ uri }) => uri);
  const { used, refused } = linkedPlaces(others, trustedOrigins(trust));
  // Else a name would be left out without anybody noticing that it is not kept.
  if (refused.length > 0) throw untrusted(refused);
  return [...through, ...used];
}

/** A name at the node that publishes it; `undefined` without a node, or if the URI names one itself. */
function at(place: RemotePlace, node: string | undefined): RemotePlace | undefined {
  if (node === undefined || !place.uri.startsWith("ipns://") || parameterOf(place.uri, "node") !== undefined)
    return undefined;
  return { ...place, uri: throughNode(place.uri, node) };
}

function isIpns(uri: string): boolean {
  return /^(ipns|ipfs\+https?):/.test(uri);
}

function keptName({ name, names }: Remote): KeptName {
  if (name !== undefined && takesRecords(names)) return { name, names };
  throw usageError(
    "To keep a name, a node has to publish it: add --node http://127.0.0.1:5001, or give " +
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
