// The entry for mirroring: `mirrorLog`.

import type { Address } from "../address/address.ts";
import { addressOf, type HashType } from "../address/hash-type.ts";
import { withDeadline } from "../async/deadline.ts";
import { RetryBudget } from "../async/retry.ts";
import { anySignal, throwIfAborted, withAnySignal } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { InvalidInputError, isRemoteLogError, UnreachableError, UnsupportedError } from "../errors/index.ts";
import { generationOf, type VerifiedHead, verifyHead } from "../log/head.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import { removedBy } from "../log/removed-in.ts";
import { putChecked } from "../remote/checked-put.ts";
import { namesWithDeadlines, storageWithDeadlines } from "../remote/deadlines.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { requireRuntime } from "../runtime/features.ts";
import type { LogSource } from "../tree/log-source.ts";
import { openHead } from "../tree/open-head.ts";
import type { ReadGate } from "../tree/read-gate.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import { AnySource } from "./any-source.ts";
import { checkMirrorOptions } from "./check-mirror-options.ts";
import { copyManifest } from "./copy-manifest.ts";
import { type CopiedTree, copyTree } from "./copy-tree.ts";
import { type CosignedHead, cosignCopy } from "./cosign-copy.ts";
import { KnownTree, reachOf } from "./known-tree.ts";
import { gateOf, lookAtName, type Repeat, type Standing, setName } from "./mirror-name.ts";
import type { MirrorOptions, MirrorResult } from "./mirror-options.ts";
import { TargetFailure, TargetStore } from "./target-store.ts";

/** Objects copied at once by default. */
const CONCURRENCY = 16;

/** How often a request to the target is repeated by default. */
const RETRIES = 4;

/** How often the copy is brought up to what the name holds, if others keep setting it. */
const TRIES = 5;

/**
 * Copies the newest state of a log to another storage: contents, then pages, then index nodes, each verified before it is
 * stored, and finally the name. It needs no key: the head is signed, and covers no address. Syncs the reader first.
 *
 * Each object comes from whichever source can show it. Of pages that the sources show differently, or the target, the copy gets
 * the best of each entry, so that a source can't take away what another, or the target, has. What none can show is in
 * `missing` of the result, and the rest is copied all the same. A target without names gets the tree of one source unchanged,
 * for whoever sets its name.
 *
 * Memory is bounded by the objects in flight, not by the length of the log. After failures that may pass, reads from the
 * sources are repeated up to six times, and requests to the target as often as `retries` says. After a failure or an abort,
 * call it again with `resume`, or, for a target without names, with what `soFar` of its progress said last.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED` if contents get other addresses in the target than in the source
 * @throws InvalidInputError `ERR_INVALID_INPUT` if `known` is not a head of this log
 * @throws IntegrityError `ERR_INTEGRITY`, ForkError `ERR_FORK` if the target's name holds what contradicts the log;
 * it is left as it was
 * @throws what the sources answered, if they showed nothing that the target lacks, or withhold so much that the target would
 * lose entries: it is left as it was
 * @throws whatever the reader, and the target's storage and names, throw
 *
 * @example
 * ```ts
 * import { generateSeed, mirrorLog, openReader, openWriter } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const [from, to] = [memoryRemote({ label: "from" }), memoryRemote({ label: "to" })];
 * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [from] });
 * await writer.append(new TextEncoder().encode("hello"));
 * await writer.publish();
 *
 * const reader = await openReader({ logId: writer.logId, remotes: [from] });
 * const { head, missing } = await mirrorLog({ reader, to });
 * await mirrorLog({ reader, to, known: head, missing }); // the next time: only what is new, or was missing
 * await reader.close();
 * await writer.close();
 * ```
 */
export async function mirrorLog(options: MirrorOptions): Promise<MirrorResult> {
  requireRuntime("mirror.open");
  checkMirrorOptions(options);
  return withAnySignal([options.signal], (signal) => mirror(options, signal));
}

async function mirror(options: MirrorOptions, signal: AbortSignal): Promise<MirrorResult> {
  await options.reader.sync({ signal });
  // Closing the reader ends the mirroring, too.
  return withAnySignal([signal, options.reader.views[0]!.closing], (own) => copy(options, own));
}

async function copy(options: MirrorOptions, signal: AbortSignal): Promise<MirrorResult> {
  const newest = options.reader.views[0]!;
  const label = options.to.label ?? options.to.storage.name;
  const patience = { milliseconds: newest.limits.requestMilliseconds, label };
  const storage = storageWithDeadlines(options.to.storage, patience);
  const names = options.to.names && namesWithDeadlines(options.to.names, patience);
  try {
    const budget = new RetryBudget({ signal, failsAsOne: false, onRetry: options.onRetry });
    const most = 1 + (options.retries ?? RETRIES);
    const repeat: Repeat = (request) => budget.run(request, { most });
    if (names === undefined) return await copyUnnamed(options, { storage, repeat }, signal);
    const known = await knownTree(options, newest, { from: storage, gate: gateOf(repeat) }, signal);
    const to = { ...options.to, label, storage, names };
    return await copyNamed(options, { to, repeat }, known, signal);
  } catch (error) {
    throwIfAborted(signal);
    throw error instanceof TargetFailure ? error.cause : error;
  }
}

interface Target {
  readonly storage: StorageBackend;
  readonly repeat: Repeat;
}

interface KnownFrom {
  /** The target. */
  readonly from: StorageBackend;
  /** How it is asked. */
  readonly gate: ReadGate;
  /** Where the nodes of a part are read. Default: the target. */
  readonly sources?: StorageBackend;
}

// Of a mirroring that did not finish, a target without names lacks nodes above what is there: the sources have them.
async function knownTree(
  { known, missing = [], reader }: MirrorOptions,
  { limits }: TreeView,
  { from, gate, sources = from }: KnownFrom,
  signal: AbortSignal,
): Promise<KnownTree> {
  if (known === undefined) return new KnownTree(undefined);
  try {
    const head = await verifyHead(known.slice(), reader.logId);
    const isPart = reachOf(head, missing) < reachOf(head, []);
    const view =
      isPart && sources !== from
        ? new TreeView(head, sources, limits, signal)
        : new TreeView(head, from, limits, signal, gate);
    return new KnownTree(view, missing);
  } catch (cause) {
    throw new InvalidInputError("`known` is not a head of this log. Leave it out to copy everything.", {
      operation: "mirror.open",
      cause,
    });
  }
}

// The best of everything, brought under the name. If others set it meanwhile, what they have is merged in.
async function copyNamed(
  options: MirrorOptions,
  { to, repeat }: { readonly to: Remote; readonly repeat: Repeat },
  known: KnownTree,
  signal: AbortSignal,
): Promise<MirrorResult> {
  const sources = await sourcesOf(options, to.storage, signal);
  const { views } = sources;
  const { storage } = to;
  const state = { view: views[0]!, manifest: newestOf(options.reader, views[0]!) };
  const look = (): Promise<Standing> => lookAtName(to, state, repeat, signal);
  let seen = await look();
  for (let tries = 0; tries < TRIES; tries++) {
    const what = { sources, views, storage, known, seen, again: tries > 0 };
    const copied = await copyOnce(options, what, signal);
    checkGained(copied, seen);
    const now = await look();
    const isAsSeen = sameHead(now, seen);
    seen = now;
    // Without it the name could be set back, or to what contradicts it.
    if (now.kind === "unverified") throw now.cause;
    if (!isAsSeen && now.kind !== "newer") continue;
    const result = await resultOf(copied, { storage, repeat }, options, signal);
    if (now.kind === "newer") return { ...result, name: "newer" };
    const cosigned = await cosignedCopy(options, copied, { storage, repeat }, signal);
    const signed = { ...result, ...cosigned?.signed };
    const head = cosigned?.head ?? copied.head;
    const isKnown = options.known !== undefined && bytesEqual(options.known, copied.head);
    const isThere = isKnown && cosigned === undefined && now.manifest?.note === now.view?.head.manifest?.note;
    if (now.kind === "equal" && (isThere || bytesEqual(now.view!.head.bytes, head))) {
      return { ...signed, name: "current" };
    }
    const { logId } = options.reader;
    // If the answer to an update is lost, the next one finds another revision, and the next look finds the copy.
    const set = (): Promise<boolean> => setName(to, logId, head, { expected: now.revision, signal });
    if (await repeat(set)) {
      return { ...signed, name: "updated" };
    }
    seen = await look();
  }
  throw new UnreachableError(
    `The name on ${to.label} was changed by others in each of ${TRIES} attempts to set it. Everything is copied; try again.`,
    { operation: "mirror.name" },
  );
}

// Whoever names it has a head of the writer's: one tree as it is, the first that is complete, or else the fullest.
async function copyUnnamed(
  options: MirrorOptions,
  { storage, repeat }: Target,
  signal: AbortSignal,
): Promise<MirrorResult> {
  let best: CopiedTree | undefined;
  const sources = await sourcesOf(options, storage, signal);
  const from = { from: storage, gate: gateOf(repeat), sources: sources.any };
  const known = await knownTree(options, sources.views[0]!, from, signal);
  for (const view of sources.views) {
    const what = { sources, views: [view], storage, known, again: best !== undefined };
    const copied = await copyOnce(options, what, signal);
    if (best === undefined || copied.missingCount < best.missingCount) best = copied;
    if (best.missingCount === 0) break;
  }
  checkGained(best!, undefined);
  const cosigned = await cosignedCopy(options, best!, { storage, repeat }, signal);
  // Whoever names it has a head of the writer's, so the signatures stay beside it.
  const result = await resultOf(best!, { storage, repeat }, options, signal);
  return { ...result, ...cosigned?.signed };
}

/** What is signed of a copy, if that is asked for and nothing is missing; and its head with the signatures. */
async function cosignedCopy(
  { cosign, reader, concurrency = CONCURRENCY }: MirrorOptions,
  { head, missingCount }: CopiedTree,
  { storage, repeat }: Target,
  signal: AbortSignal,
): Promise<{ readonly head: Uint8Array; readonly signed: Pick<MirrorResult, "cosigned"> } | undefined> {
  if (cosign === undefined || missingCount > 0) return undefined;
  const { logId, views } = reader;
  const { limits } = views[0]!;
  const copy = { logId, head, storage, limits, gate: gateOf(repeat), readBack: cosign.readBack, concurrency };
  const { head: withSignatures, ...cosigned }: CosignedHead = await cosignCopy(copy, cosign.by, signal);
  return { head: withSignatures, signed: { cosigned } };
}

interface Sources {
  /** The different trees of the newest state that the sources show, each read from any of the sources. */
  readonly views: readonly TreeView[];
  /** Trees of other states: they may have what those of the newest state lack. */
  readonly others: readonly TreeView[];
  readonly any: AnySource;
}

async function sourcesOf(
  { reader, onRetry }: MirrorOptions,
  target: StorageBackend,
  signal: AbortSignal,
): Promise<Sources> {
  const fitting = reader.views.filter(({ hashTypes }) => hasType(hashTypes[0]!, target));
  if (fitting.length === 0) throw otherType(target);
  const { limits } = fitting[0]!;
  const storages = new Set(fitting.map(({ storage }) => storage));
  const further = (reader.remotes ?? []).filter(({ storage }) => !storages.has(storage));
  for (const { storage } of further) storages.add(storage);
  const any = new AnySource([...storages], onRetry);
  const heads = await Promise.all(further.map((remote) => headOn(remote, reader.logId, limits, signal)));
  const others = heads.filter((head) => head !== undefined);
  const distinct = fitting.filter(
    ({ head }, i) => fitting.findIndex((other) => bytesEqual(other.head.bytes, head.bytes)) === i,
  );
  const viewOf = (head: VerifiedHead): TreeView => new TreeView(head, any, limits, signal);
  return { any, views: distinct.map(({ head }) => viewOf(head)), others: others.map(viewOf) };
}

/** What a remote shows that does not show the newest state; nothing in any doubt. */
async function headOn(
  remote: Remote,
  logId: string,
  { headBytes, patienceMilliseconds: milliseconds }: ReaderLimits,
  signal: AbortSignal,
): Promise<VerifiedHead | undefined> {
  // Nobody depends on it, so a silent one does not hold up the others for long.
  const deadline = { milliseconds, operation: "mirror.open", backend: remote.label, signal };
  try {
    return await withDeadline(deadline, async (own) => {
      const found = await remote.names.resolve(remote.name ?? logId, { maxBytes: headBytes, signal: own });
      if (found.status !== "found") return undefined;
      return openHead(remote, logId, found.content, headBytes, own);
    });
  } catch (error) {
    throwIfAborted(signal);
    if (!isRemoteLogError(error)) throw error;
    return undefined;
  }
}

async function copyOnce(
  {
    to,
    reader,
    bundles,
    concurrency = CONCURRENCY,
    onProgress,
    onRetry,
    resume = false,
    retries = RETRIES,
  }: MirrorOptions,
  what: {
    readonly sources: Sources;
    readonly views: readonly TreeView[];
    readonly storage: StorageBackend;
    readonly known: KnownTree;
    readonly seen?: Standing;
    readonly again: boolean;
  },
  signal: AbortSignal,
): Promise<CopiedTree> {
  const { views, storage, known, seen, sources } = what;
  const held = [known.view, seen?.view].filter((view) => view !== undefined);
  const linked = anySignal(signal);
  // A target without names is a network: what it finds may be held by the source alone.
  const looks = to.names !== undefined && (resume || what.again);
  const target = new TargetStore(storage, { resume: looks, retries, onRetry }, linked.signal);
  const unchanged = seen === undefined;
  const { any, others } = sources;
  try {
    const { head } = views[0]!;
    const newest = unchanged ? head.manifest : (seen.manifest ?? newestOf(reader, views[0]!));
    // The manifest names the key that signed the head: one of a later key fits no head of a former one.
    const verified = newest?.successions.length === generationOf(head) ? newest : head.manifest;
    const isKnown = verified !== undefined && verified === seen?.view?.head.manifest && !resume;
    const copy = { sources: any, target, isKnown };
    const manifest = verified && (await copyManifest(verified, copy, linked.signal));
    const trees = { views, others, known, held, manifest };
    const removed = removedBy(verified?.manifest);
    const largestInName = to.names?.capabilities.largestContent;
    return await copyTree(
      { ...trees, sources: any, target, unchanged, removed, largestInName, bundles, concurrency, onProgress },
      linked.signal,
    );
  } finally {
    // What is still under way after a failure.
    linked.abort();
  }
}

// The entries of one remote may be the newest, and the manifest of another.
function newestOf({ newestManifest: read }: LogSource, { head }: TreeView): VerifiedManifest | undefined {
  const shown = head.manifest;
  return (read?.checkpoint.size ?? 0) > (shown?.checkpoint.size ?? 0) ? read : shown;
}

async function resultOf(
  { head: bytes, progress, missing, missingCount }: CopiedTree,
  { storage, repeat }: Target,
  { storeHead: stores }: MirrorOptions,
  signal: AbortSignal,
): Promise<MirrorResult> {
  const head = bytes.slice();
  const headAddress = stores === true ? await repeat(() => storeHead(storage, head, signal)) : undefined;
  return { ...progress, missing, missingEntries: missingCount, head, ...(headAddress && { headAddress }) };
}

// A head under which a reader finds nothing that it did not find before is of no use.
function checkGained({ missing, progress }: CopiedTree, seen: Standing | undefined): void {
  const before = seen?.view?.size ?? 0;
  if (missing.length === 0 || seen?.kind === "equal" || seen?.kind === "newer") return;
  const lost = missing.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, before)), 0);
  if (lost >= progress.size - before) throw missing[0]!.error;
}

function sameHead(a: Standing, b: Standing): boolean {
  const [one, other] = [a.view?.head.bytes, b.view?.head.bytes];
  return one === undefined || other === undefined ? one === other : bytesEqual(one, other);
}

async function storeHead(storage: StorageBackend, head: Uint8Array, signal: AbortSignal): Promise<Address> {
  const address = await addressOf(head, storage.capabilities.hashTypes[0]!);
  await putChecked(storage, head, address, signal);
  return address;
}

function hasType({ codec, hash, digestBytes }: HashType, { capabilities }: StorageBackend): boolean {
  const own = capabilities.hashTypes[0]!;
  return own.codec === codec && own.hash === hash && own.digestBytes === digestBytes;
}

function otherType({ name, capabilities }: StorageBackend): UnsupportedError {
  return new UnsupportedError(
    `The log can't be mirrored to ${name}: it addresses contents by ${capabilities.hashTypes[0]!.name}, and the log's ` +
      "source by another kind of hash. Mirror it from or to a storage of the same kind.",
    { operation: "mirror.copy" },
  );
}
