// The newest manifest of a log across its remotes; docs/protocol.md, "The manifest". Only readers of logs that have one load this.

import { type ForkEvidence, type RemoteLogError, RollbackError, StaleError } from "../errors/index.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { compareManifests, type ManifestView } from "../tree/manifest-versions.ts";
import type { Offer } from "./ask-remotes.ts";
import { type KeptManifest, ManifestMemory } from "./manifest-memory.ts";
import type { ReaderMemory } from "./reader-memory.ts";

/** What a manifest is settled with. */
export interface SettleOptions {
  /** What remotes show, whose heads were verified. */
  readonly offers: readonly Offer[];
  /** Called with proof that two states are a fork, and the remote that showed one of them. Has to throw. */
  readonly onFork: (remote: Remote | undefined, evidence: ForkEvidence) => Promise<never>;
  readonly signal: AbortSignal;
}

/**
 * Keeps the newest manifest that was verified, across runs and for all readers of a store. It is a log beside the log: a state
 * that does not extend the one before is never used, and a contradiction is a fork.
 */
export class NewestManifest {
  readonly #memory: ManifestMemory;
  readonly #remotes: readonly Remote[];
  #kept: KeptManifest | undefined;
  // States that were found to be its beginning: a mirror that lags behind is not compared at every sync.
  readonly #beginnings = new Set<string>();
  // The largest version that each remote has shown.
  readonly #mostShown = new Map<string, number>();

  constructor(memory: ReaderMemory, remotes: readonly Remote[]) {
    this.#memory = new ManifestMemory(memory);
    this.#remotes = remotes;
  }

  /** Loads what an earlier run kept. */
  async load(): Promise<void> {
    this.#kept = (await this.#memory.load()).kept;
    if (this.#kept?.label !== undefined)
      this.#mostShown.set(this.#kept.label, this.#kept.manifest.manifest.version);
  }

  /** What the log says of itself, as it was verified; `undefined` if it says nothing. */
  get verified(): VerifiedManifest | undefined {
    return this.#kept?.manifest;
  }

  /**
   * Advances to the newest manifest that remotes show and that extends the one before. One of the remotes has to show it: which
   * entries they show does not matter.
   *
   * @throws RollbackError `ERR_ROLLBACK`, StaleError `ERR_STALE` if all show an older one
   * @throws what `onFork` throws
   */
  async settle({ offers, onFork, signal }: SettleOptions): Promise<void> {
    const shown = offers.filter(({ view }) => view.head.manifest !== undefined);
    shown.sort((a, b) => versionOf(b) - versionOf(a));
    await this.#compareNeighbours(shown, { onFork, signal });
    for (const offer of shown) {
      await this.#take(keptOf(offer), offer, { onFork, signal });
      const most = Math.max(versionOf(offer), this.#mostShown.get(offer.remote.label) ?? 0);
      this.#mostShown.set(offer.remote.label, most);
    }
    this.#checkShown(offers);
  }

  // Two that contradict each other are a fork, whether or not either can be compared with the one that is kept. To compare a version
  // with the one before it takes no read.
  async #compareNeighbours(
    shown: readonly Offer[],
    { onFork, signal }: Omit<SettleOptions, "offers">,
  ): Promise<void> {
    for (const [i, larger] of shown.entries()) {
      for (const smaller of shown.slice(i + 1)) {
        if (versionOf(larger) - versionOf(smaller) > 1) break;
        const [one, other] = [larger, smaller].map((offer) => this.#viewOf(keptOf(offer), offer.remote));
        const relation = await compareManifests(one!, other!, signal);
        if (relation.kind === "forked") await onFork(smaller.remote, relation.evidence);
      }
    }
  }

  #checkShown(offers: readonly Offer[]): void {
    const verified = this.verified?.manifest.version ?? 0;
    if (offers.length === 0 || offers.some((offer) => versionOf(offer) >= verified)) return;
    const setBack = offers.find((offer) => {
      const { label, names } = offer.remote;
      return names.capabilities.readYourWrites && versionOf(offer) < (this.#mostShown.get(label) ?? 0);
    });
    throw olderManifest(offers[0]!.view.head.genesis.logId, {
      offer: setBack ?? offers[0]!,
      verified,
      wasSetBack: setBack !== undefined,
    });
  }

  async #take(
    offered: KeptManifest,
    { remote }: Offer,
    { onFork, signal }: Omit<SettleOptions, "offers">,
  ): Promise<void> {
    for (;;) {
      // What another reader of the store kept binds this one, too.
      const { kept, bytes } = await this.#memory.load({ signal });
      if (kept !== undefined && kept.manifest.note !== this.#kept?.manifest.note) {
        this.#kept = kept;
        this.#beginnings.clear();
      }
      const before = this.#kept;
      if (before !== undefined) {
        const { note } = offered.manifest;
        if (note === before.manifest.note || this.#beginnings.has(note)) return;
        const relation = await compareManifests(this.#viewOf(before), this.#viewOf(offered, remote), signal);
        if (relation.kind === "forked") await onFork(remote, relation.evidence);
        if (relation.kind === "older") this.#beginnings.add(note);
        const replaces = relation.kind === "superseded" && relation.former === "verified";
        if (relation.kind !== "extends" && !replaces) return;
        if (replaces) this.#mostShown.clear();
        else this.#beginnings.add(before.manifest.note);
      }
      if (!(await this.#memory.save(bytes, offered))) continue;
      this.#kept = offered;
      return;
    }
  }

  // First the remote that shows it: the address of the leaf hashes is its own.
  #viewOf({ manifest, genesis }: KeptManifest, shown?: Remote): ManifestView {
    const storages: StorageBackend[] = shown === undefined ? [] : [shown.storage];
    for (const { storage } of this.#remotes) if (!storages.includes(storage)) storages.push(storage);
    return { manifest, genesis, storages };
  }
}

function versionOf({ view }: Offer): number {
  return view.head.manifest?.manifest.version ?? 0;
}

function keptOf({ view: { head }, remote: { label } }: Offer): KeptManifest {
  return { genesis: head.genesis, manifest: head.manifest!, label };
}

function olderManifest(
  logId: string,
  {
    offer,
    verified,
    wasSetBack,
  }: { readonly offer: Offer; readonly verified: number; readonly wasSetBack: boolean },
): RemoteLogError {
  const { size, head } = offer.view;
  const version = head.manifest?.manifest.version ?? 0;
  const what =
    `${offer.remote.label} shows version ${version} of what log ${logId} says of itself, its manifest, and version ${verified} was ` +
    "verified before";
  const options = { operation: "reader.sync", offered: size, verified: size };
  if (wasSetBack)
    return new RollbackError(`${what}: the name was set back. Nothing of it was used.`, options);
  return new StaleError(`${what}: it lags behind. Try again later.`, options);
}
