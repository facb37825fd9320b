// `rlog verify`: reads all of a log, and checks everything that can be checked.

import {
  type Checkpoint,
  checkpointOrigin,
  type Entry,
  type Genesis,
  IntegrityError,
  type Manifest,
  NoKeyError,
  type Reader,
  type ReadKey,
  type Remote,
  RemovedError,
  verifierKeyText,
  verifyCheckpoint,
} from "@remote-log/core";
import { ReaderIdentity } from "@remote-log/core/keyring";
import {
  policyFailed,
  policyLines,
  readCheckpointFile,
  readPolicyFile,
  sameStates,
} from "../cosigning/policy-file.ts";
import { usageError } from "../errors/command-error.ts";
import { type LogPlace, logArgument } from "../reading/log-argument.ts";
import { type ReaderCommandOptions, withReader } from "../reading/with-reader.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import type { ProgressBar } from "../terminal/progress-bar.ts";
import { IdentifierHashes } from "../verifying/identifier-hashes.ts";
import { checkStandardChain } from "../verifying/standard-chain.ts";
import { TreeRoot } from "../verifying/tree-root.ts";

/** Options of `rlog verify`. */
export interface VerifyOptions extends ReaderCommandOptions {
  readonly chain?: boolean;
  /** A file with a policy that has to hold. */
  readonly policy?: string;
  /** Files with checkpoints that somebody cosigned, besides what the remotes show. */
  readonly checkpoint: readonly string[];
}

/** Reads all of a log from each remote by itself, and checks everything that can be checked. */
export async function verify(invocation: Invocation, log: string, options: VerifyOptions): Promise<void> {
  const place = await logArgument(invocation, log, options);
  if (options.policy === undefined && options.checkpoint.length > 0)
    throw usageError("--checkpoint goes with --policy FILE.");
  const policy = options.policy === undefined ? undefined : await readPolicyFile(options.policy);
  const inFiles = await Promise.all(options.checkpoint.map(readCheckpointFile));
  const read: string[] = [];
  for (const remote of place.remotes)
    read.push(...(await verifyRemote(invocation, { ...place, remotes: [remote] }, options)));
  if (policy === undefined) return;
  const report = await policy.check(sameStates(read, inFiles));
  await invocation.out.write(`${policyLines(policy, report).join("\n")}\n`);
  if (!report.newest.holds) throw policyFailed(policy, report);
}

/** @returns the checkpoints that the remote shows */
async function verifyRemote(
  invocation: Invocation,
  place: LogPlace,
  options: VerifyOptions,
): Promise<readonly string[]> {
  const { logId, key } = place;
  return withReader(
    invocation,
    place,
    { ...options, sealed: true, alone: true },
    async ({ reader, identity, remotes, counted: countedOf }) => {
      const remote = countedOf(remotes[0]!);
      const { signal } = invocation;
      await reader.sync({ signal });
      const opens = identity ?? key;
      const walk = await invocation.withProgress("verify", (bar) => walkAll(reader, { bar, opens, signal }));
      const { genesis } = reader.genesis!;
      const publicKey = reader.signingKey!;
      const replaced = reader.manifest?.successions.length ?? 0;
      const origin = checkpointOrigin(logId);
      const checkpoint = await verifyCheckpoint(reader.checkpoint!, {
        origin,
        publicKey,
      });
      checkTree(checkpoint, walk.tree);
      const chain = options.chain === true ? await checkChain(reader, remote, walk, signal) : [];
      const pages = Math.max(0, Math.ceil(checkpoint.size / genesis.leafSize) - 1);
      await invocation.out.write(
        [
          `ok       ${remote.label}`,
          `log      ${logId}`,
          `key      ${verifierKeyText(origin, publicKey)}`,
          `signed   yes, with ${signedWith(replaced)}`,
          `size     ${counted(checkpoint.size, "entry", "entries")}`,
          `root     ${Buffer.from(checkpoint.root).toString("base64")}, computed again from every entry`,
          `pages    ${pages} of ${genesis.leafSize} entries, ${checkpoint.size - pages * genesis.leafSize} in the head`,
          `content  ${walk.bytes} bytes${sealedOrNot(genesis, opens, walk)}${walk.removed > 0 ? `; the writer removed ${counted(walk.removed, "content")}` : ""}`,
          ...manifestLine(reader.manifest),
          ...chain,
          "",
        ].join("\n"),
      );
      return reader.checkpoints;
    },
  );
}

function signedWith(replaced: number): string {
  if (replaced === 0) return "the key of the genesis record that the log id names";
  return `the key that took its place: the owner of the log replaced the signing key ${counted(replaced, "time")}, by the recovery key of the genesis record that the log id names`;
}

/** What the contents that were read are: those of a private log are sealed. */
function sealedOrNot({ visibility }: Genesis, opens: Opens | undefined, { closed }: Walk): string {
  if (visibility === "public") return "";
  if (opens === undefined) return ", sealed; not opened, for want of the key";
  const by = opens instanceof ReaderIdentity ? "by your identity" : "with the key";
  if (closed === 0) return `, sealed; all of it opened ${by}`;
  return `, sealed; opened ${by}, but for ${counted(closed, "entry", "entries")} that the writer has not granted to you`;
}

/** What the log says of itself, which is signed like the entries. */
function manifestLine(manifest: Manifest | undefined): string[] {
  if (manifest === undefined) return [];
  const { version, snapshot, epochs, removed, firstKept, successions, remotes } = manifest;
  const said = [
    snapshot !== undefined && `newest snapshot: entry ${snapshot}`,
    remotes !== undefined && "where the log lives",
    epochs.length > 0 && counted(epochs.length, "epoch of read keys", "epochs of read keys"),
    removed.length > 0 && counted(removed.length, "range taken out", "ranges taken out"),
    firstKept > 0 && `contents are kept from entry ${firstKept} on`,
    successions.length > 0 &&
      counted(successions.length, "succession of signing keys", "successions of signing keys"),
  ].filter((part) => part !== false);
  return [`manifest version ${version}, signed${said.length > 0 ? `: ${said.join("; ")}` : ""}`];
}

/** What opens entries: the key of a link, or the identity of a reader by name. */
type Opens = ReadKey | ReaderIdentity;

interface Walking {
  readonly bar: ProgressBar;
  readonly opens: Opens | undefined;
  readonly signal: AbortSignal;
}

interface Walk {
  readonly tree: TreeRoot;
  readonly ids: IdentifierHashes;
  readonly bytes: number;
  readonly removed: number;
  /** Entries that were granted to others alone. */
  readonly closed: number;
}

// A removed content still counts: its hashes are in the log.
async function walkAll(reader: Reader, { bar, opens, signal }: Walking): Promise<Walk> {
  const tree = new TreeRoot();
  const ids = new IdentifierHashes();
  let bytes = 0;
  let removed = 0;
  let closed = 0;
  let opener: ((entry: Entry) => boolean) | undefined;
  for (;;) {
    try {
      for await (const entry of reader.from(tree.size, { signal })) {
        // As the writer signed it; with the key, also whether it can be read.
        const { id, content } = entry;
        opener ??= opens && (await openerOf(reader, opens, signal));
        if (opener?.(entry) === false) closed++;
        tree.add(id, content);
        ids.add(id);
        bytes += content.length;
        bar.update(tree.size, reader.size);
      }
      return { tree, ids, bytes, removed, closed };
    } catch (error) {
      if (!(error instanceof RemovedError) || error.sequence !== tree.size) throw error;
      while (tree.size < error.next) {
        const { leaf } = await reader.inclusionProof(tree.size, { signal });
        tree.addLeaf(leaf);
        ids.add(leaf.subarray(0, 32));
        removed++;
        bar.update(tree.size, reader.size);
      }
    }
  }
}

// Of one sync, and so of one manifest. Says whether an entry was opened: who is named later need not get what was before.
async function openerOf(
  reader: Reader,
  opens: Opens,
  signal: AbortSignal,
): Promise<(entry: Entry) => boolean> {
  const genesis = reader.genesis!;
  if (genesis.genesis.visibility === "public") return () => true;
  const epochs = reader.manifest?.epochs;
  const opening =
    opens instanceof ReaderIdentity
      ? await opens.openingOf(reader.views[0]!, { from: 0, epochs, signal })
      : await opens.openingOf(genesis, epochs);
  return ({ sequence, id, content }) => {
    try {
      opening.open(sequence, { localHash: id, stored: content });
      return true;
    } catch (error) {
      if (error instanceof NoKeyError && error.reason === "not-granted") return false;
      throw error;
    }
  };
}

function checkTree({ size, root }: Checkpoint, tree: TreeRoot): void {
  if (tree.size === size && Buffer.from(root).equals(tree.root())) return;
  throw new IntegrityError(
    `The root of what was read (${counted(tree.size, "entry", "entries")}) is not the root that the writer signed (${counted(size, "entry", "entries")}).`,
    { operation: "verify.root" },
  );
}

async function checkChain(
  reader: Reader,
  remote: Remote,
  { ids, tree, removed }: Walk,
  signal: AbortSignal,
): Promise<string[]> {
  const what = { ids, size: tree.size, mayEnd: removed > 0 };
  const { pages, from } = await checkStandardChain(remote, reader.head!, what, signal);
  const end =
    from === 0 ? "" : ` from ${from} on; before that, a page with contents that were removed is gone`;
  return [`chain    ${pages} pages along tail, the same entries${end}`];
}
