// What the log says of itself: makes its versions, durable here, and signs the newest before it is published.

import { bytesEqual } from "../bytes.ts";
import {
  bearsLineOf,
  type Checkpoint,
  parseSignedNote,
  signCheckpoint,
  verifyCheckpoint,
} from "../checkpoint/index.ts";
import type { WriterKeys } from "../crypto/index.ts";
import { hasCode, TooLargeError } from "../errors/index.ts";
import type { BatchOperation } from "../journal/database.ts";
import { corrupt, type Journal } from "../journal/journal.ts";
import { ManifestRecords, type StoredVersions } from "../journal/manifest-records.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import { manifestOrigin } from "../log/head-manifest.ts";
import {
  encodeManifest,
  type Manifest,
  type ManifestContent,
  manifestHash,
  manifestLeafHash,
  nothingSaid,
  readManifest,
  saysSame,
} from "../log/manifest.ts";
import { signingKeyAfter } from "../log/signing-keys.ts";
import { CompactRange } from "../merkle/index.ts";
import { MAX_MANIFEST_VERSIONS } from "../wire/manifest-message.ts";
import type { SignedCheckpoint } from "./checkpoint-signer.ts";
import { type SigningBy, signingBy } from "./signing-by.ts";

/** The newest version of a manifest. */
export interface NewestManifest {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
}

/**
 * The versions of a log's manifest. A version counts once the journal has it; it is signed only when it is about to be published,
 * after the remotes were looked at: so a restored journal signs no second version of one number.
 */
export class ManifestKeeper {
  readonly records: ManifestRecords;
  readonly #journal: Journal;
  readonly #genesis: IdentifiedGenesis;
  readonly #keys: WriterKeys;
  readonly #origin: string;
  #newest: NewestManifest | undefined;
  #leaves: readonly Uint8Array[];
  #signed: SignedCheckpoint | undefined;
  #signing: SigningBy;
  #isDamaged = false;
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(
    journal: Journal,
    { records, keys, genesis, signing }: KeeperParts,
    { bytes, leaves }: StoredVersions,
    signed: SignedCheckpoint | undefined,
  ) {
    this.records = records;
    this.#journal = journal;
    this.#keys = keys;
    this.#genesis = genesis;
    this.#signing = signing;
    this.#origin = manifestOrigin(genesis.logId);
    this.#newest = bytes && { bytes, manifest: readManifest(bytes) };
    this.#leaves = leaves;
    this.#signed = signed;
  }

  /**
   * A manifest of which something is damaged, and that will be recovered: with what is left of it. What it says is kept also if
   * its place among the versions is not known any more.
   */
  static async damaged(
    journal: Journal,
    genesis: IdentifiedGenesis,
    keys: WriterKeys,
  ): Promise<ManifestKeeper> {
    const records = new ManifestRecords(journal);
    const whole = await ifIntact(() => records.load());
    const bytes = whole?.bytes ?? (await ifIntact(() => records.loadNewest()));
    const manifest = bytes && (await ifIntact(async () => readManifest(bytes)));
    const known = await ifIntact(() => signingBy(keys, genesis, manifest?.successions ?? []));
    const signing = known ?? { successions: [], key: await keys.signingKey(0) };
    const signed = await ifIntact(async () => {
      const note = await records.loadSigned();
      return note === undefined ? undefined : verifySigned(note, genesis, signing);
    });
    const left = { bytes: manifest && bytes, leaves: (manifest && whole?.leaves) ?? [] };
    const keeper = new ManifestKeeper(journal, { records, keys, genesis, signing }, left, signed);
    keeper.#isDamaged = true;
    return keeper;
  }

  /**
   * Loads what the journal has.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if something is damaged or missing
   */
  static async load(journal: Journal, genesis: IdentifiedGenesis, keys: WriterKeys): Promise<ManifestKeeper> {
    const records = new ManifestRecords(journal);
    const stored = await records.load();
    const note = await records.loadSigned();
    try {
      const manifest = stored.bytes && readManifest(stored.bytes);
      const signing = await signingBy(keys, genesis, manifest?.successions ?? []);
      const signed = note === undefined ? undefined : await verifySigned(note, genesis, signing);
      const keeper = new ManifestKeeper(journal, { records, keys, genesis, signing }, stored, signed);
      if (signed !== undefined && !keeper.isOwn(signed.checkpoint))
        throw corrupt("what was signed of its manifest is not what it holds");
      return keeper;
    } catch (cause) {
      if (hasCode(cause, "ERR_SUPERSEDED")) throw cause;
      throw corrupt("its manifest is damaged", cause);
    }
  }

  /** Whether the journal has versions that are damaged: until a recovery, there are none. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** The key that signs now, and how it came to be the one. */
  get signing(): SigningBy {
    return this.#signing;
  }

  /**
   * The key that signs after some successions.
   *
   * @throws SupersededError `ERR_SUPERSEDED` if the seed of this device does not lead to it
   */
  signingBy(notes: readonly string[]): Promise<SigningBy> {
    return signingBy(this.#keys, this.#genesis, notes);
  }

  /** The newest version; `undefined` if there is none. */
  get newest(): NewestManifest | undefined {
    return this.#newest;
  }

  /** What the log says of itself. */
  get content(): ManifestContent {
    return this.#newest?.manifest ?? nothingSaid;
  }

  /** The number of versions. */
  get version(): number {
    return this.#leaves.length;
  }

  /** The Merkle leaf hashes of all versions, oldest first. */
  get leaves(): readonly Uint8Array[] {
    return this.#leaves;
  }

  /** The largest checkpoint of the manifest that was ever signed. */
  get signed(): Checkpoint | undefined {
    return this.#signed?.checkpoint;
  }

  /** The tree of the first versions. */
  prefix(version: number): CompactRange {
    const range = CompactRange.empty();
    for (const leaf of this.#leaves.slice(0, version)) range.appendLeaf(leaf);
    return range;
  }

  /** Whether a state of the manifest is one that this journal has. */
  isOwn({ size, root }: Pick<Checkpoint, "size" | "root">): boolean {
    return size <= this.version && bytesEqual(this.prefix(size).root(), root);
  }

  /**
   * Makes the next version, durable on this device when it resolves. If nothing is to be said that is not said already, there is
   * none.
   *
   * @param make - what to say, from what is said now; called when it is its turn
   * @param write - writes the steps of a batch, durably, perhaps with others: objects that the version names, or entries. Default:
   * these alone
   * @returns whether there is a new version; if there is none, nothing was written
   * @throws TooLargeError `ERR_TOO_LARGE` with the reason `"manifest-full"` if there are as many versions as can be
   */
  change(
    make: (content: ManifestContent) => ManifestContent | Promise<ManifestContent>,
    write = (steps: BatchOperation[]): Promise<void> => this.#journal.write(steps, true),
  ): Promise<boolean> {
    const turn = this.#changing.then(async () => {
      const content = await make(this.content);
      const before = this.#newest;
      if (saysSame(content, this.content)) return false;
      this.throwIfFull();
      const version = this.version + 1;
      const previous = before && { previous: manifestHash(before.bytes) };
      const bytes = encodeManifest({ ...content, version, ...previous });
      const manifest = readManifest(bytes);
      const signing = await this.signingBy(manifest.successions);
      await write(this.records.versionOperations(version, bytes));
      this.#signing = signing;
      this.#newest = { manifest, bytes };
      this.#leaves = [...this.#leaves, manifestLeafHash(bytes)];
      return true;
    });
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Says more, as {@link ManifestKeeper.change}, together with entries: they are written also if all of it is said already.
   *
   * @param write - writes a batch with the entries and these steps
   */
  async changeWith(
    more: Partial<ManifestContent>,
    write: (steps?: readonly BatchOperation[]) => Promise<void>,
  ): Promise<void> {
    if (!(await this.change((content) => ({ ...content, ...more }), write))) await write();
  }

  /**
   * Refuses if there can be no further version.
   *
   * @throws TooLargeError `ERR_TOO_LARGE` with the reason `"manifest-full"`
   */
  throwIfFull(): void {
    if (this.version >= MAX_MANIFEST_VERSIONS) throw full();
  }

  /**
   * Signs the newest version. {@link ManifestKeeper.signedOperation} has to be durable before it is used, and then
   * {@link ManifestKeeper.adopt} called.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if something else was signed under this number
   */
  async sign(): Promise<SignedCheckpoint> {
    const checkpoint = { origin: this.#origin, size: this.version, root: this.prefix(this.version).root() };
    const signed = this.#signed;
    if (signed !== undefined && signed.checkpoint.size >= checkpoint.size) {
      if (signed.checkpoint.size === checkpoint.size && bytesEqual(signed.checkpoint.root, checkpoint.root))
        return signed;
      throw corrupt(`another manifest was signed as version ${checkpoint.size} before`);
    }
    return { checkpoint, note: await signCheckpoint(checkpoint, this.#signing.key) };
  }

  /** The step of a batch that keeps the largest checkpoint that was signed. Remotes sign side by side. */
  signedOperation(signed: SignedCheckpoint): BatchOperation {
    return this.records.signedOperation(this.#larger(signed).note);
  }

  /** Notes what was signed, once it is durable. */
  adopt(signed: SignedCheckpoint): void {
    this.#signed = this.#larger(signed);
  }

  #larger(signed: SignedCheckpoint): SignedCheckpoint {
    return this.#signed !== undefined && this.#signed.checkpoint.size > signed.checkpoint.size
      ? this.#signed
      : signed;
  }

  /**
   * Takes over other versions, once the journal has them.
   *
   * @param signed - what of them another device signed with this key; if nothing, what was signed here stays
   * @param signing - the key that signs by their word
   */
  replace(
    versions: Required<StoredVersions>,
    signed: SignedCheckpoint | undefined,
    signing: SigningBy,
  ): void {
    const { bytes, leaves } = versions;
    this.#newest = bytes && { bytes, manifest: readManifest(bytes) };
    this.#leaves = leaves;
    this.#signing = signing;
    if (signed !== undefined) this.#signed = { note: signed.note, checkpoint: signed.checkpoint };
    this.#isDamaged = false;
  }
}

/** What a keeper is made of. */
interface KeeperParts {
  readonly records: ManifestRecords;
  readonly keys: WriterKeys;
  readonly genesis: IdentifiedGenesis;
  readonly signing: SigningBy;
}

// The key that signs now may have signed nothing of it yet: then it was a former one.
async function verifySigned(
  note: string,
  genesis: IdentifiedGenesis,
  { successions }: SigningBy,
): Promise<SignedCheckpoint> {
  const origin = manifestOrigin(genesis.logId);
  const parsed = parseSignedNote(note);
  let publicKey = signingKeyAfter(genesis, successions);
  for (let generation = successions.length; generation >= 0; generation--) {
    const key = signingKeyAfter(genesis, successions, generation);
    if (bearsLineOf(parsed, { name: origin, publicKey: key })) publicKey = key;
  }
  return { note, checkpoint: await verifyCheckpoint(note, { origin, publicKey }) };
}

// `undefined` if it is damaged.
async function ifIntact<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    if (!hasCode(error, "ERR_JOURNAL_CORRUPT", "ERR_MALFORMED", "ERR_INTEGRITY")) throw error;
    return undefined;
  }
}

function full(): TooLargeError {
  return new TooLargeError(
    `The manifest of this log has ${MAX_MANIFEST_VERSIONS} versions, which is as many as there can be. Nothing was written. Start a ` +
      "new log.",
    { operation: "manifest.change", reason: "manifest-full", limit: MAX_MANIFEST_VERSIONS },
  );
}
