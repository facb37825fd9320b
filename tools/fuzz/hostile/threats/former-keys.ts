// T8, T25: former keys that continue to sign: what readers make of it, and what proves it.

import { checkpointOrigin } from "../../../../packages/core/src/checkpoint/index.ts";
import type { SigningKey } from "../../../../packages/core/src/crypto/index.ts";
import { sha256 } from "../../../../packages/core/src/crypto/sha256.ts";
import { manifestOrigin } from "../../../../packages/core/src/log/head-manifest.ts";
import { hashLeaf, hashNode } from "../../../../packages/core/src/merkle/index.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import type { Fixture, Step } from "../fixture.ts";
import { hash, type Parts } from "../parts.ts";
import { checkpointIn, checkpointNote, type RotatedLog, type SignedHead } from "../rotated-log.ts";

const INTEGRITY = "ERR_INTEGRITY";
const MALFORMED = "ERR_MALFORMED";

/** What readers make of states that the owner and a thief have signed. */
export async function reading(log: RotatedLog): Promise<readonly Fixture[]> {
  const { logId, owner, thief, keys, succession } = log;
  const good = await succession();
  const [two, four] = owner.heads.slice(1).map(hexOf) as [string, string];
  const [evilOne, evilTwo, evilFour] = thief.heads.map(hexOf) as [string, string, string];
  const by = async (head: Uint8Array, signed: Partial<SignedHead> = {}): Promise<string> =>
    hexOf(await log.head({ head, successions: [good], key: keys[1], ...signed }));
  const [later, latest] = [await by(owner.heads[1]!), await by(owner.heads[2]!)];
  const evilManifest = await by(owner.heads[1]!, { successions: [], key: keys[0], removed: 1 });
  const twin = await succession({ signingKey: keys[2].publicKey });
  const second = await by(owner.heads[2]!, { successions: [twin], key: keys[2] });
  const all = Object.fromEntries(
    [...owner.objects, ...thief.objects].map(([address, content]) => [address, hexOf(content)]),
  );
  const read = (name: string, why: string, remotes: number, steps: readonly Step[]): Fixture => ({
    ...{ name: `succession-${name}`, why },
    read: {
      logId,
      objects: Array.from({ length: remotes }, (_, i) => (i === remotes - 1 ? all : {})),
      steps,
    },
  });
  const entries = (of: RotatedLog["owner"], count: number): readonly string[] =>
    of.entries.slice(0, count).map(hexOf);
  const good2 = { heads: [two], delivers: entries(owner, 2) };
  const good4 = { heads: [latest], delivers: entries(owner, 4) };
  const refused = (head: string, code: string): Step => ({ heads: [head], delivers: [], code });
  return [
    read("followed", "The later key continues what the former one signed.", 1, [good2, good4]),
    read("ends-a-key", "After it, more of the former key is not part of the log.", 1, [
      good4,
      refused(evilFour, "ERR_SUPERSEDED"),
    ]),
    read(
      "ends-a-key-even-if-true",
      "Nor are entries that both keys have signed, if the succession does not count them.",
      1,
      [good4, refused(four, "ERR_SUPERSEDED")],
    ),
    read("ends-a-manifest", "After it, another manifest of the former key is not part of the log.", 1, [
      { heads: [later], delivers: entries(owner, 2) },
      refused(evilManifest, "ERR_SUPERSEDED"),
    ]),
    read("takes-over", "What a thief signed gives way, though it was delivered.", 1, [
      { heads: [evilFour], delivers: entries(thief, 4) },
      good4,
    ]),
    read("takes-over-smaller", "Though the owner has fewer entries.", 1, [
      { heads: [evilFour], delivers: entries(thief, 4) },
      { heads: [later], delivers: entries(owner, 2) },
    ]),
    read("takes-over-same-size", "Or as many, or more than the thief shows.", 1, [
      { heads: [evilTwo], delivers: entries(thief, 2) },
      { heads: [later], delivers: entries(owner, 2) },
    ]),
    read("takes-over-beginning", "Or the thief has another beginning.", 1, [
      { heads: [evilOne], delivers: entries(thief, 1) },
      good4,
    ]),
    read("takes-over-manifest", "What a thief said of the log gives way.", 1, [
      { heads: [evilManifest], delivers: entries(owner, 2) },
      good4,
    ]),
    read("ends-a-fork", "A log that the thief forked continues.", 1, [
      { heads: [four], delivers: entries(owner, 4) },
      refused(evilFour, "ERR_FORK"),
      refused(four, "ERR_FORK"),
      good4,
    ]),
    read("beside-a-thief", "Of two remotes, the one of the later key is read.", 2, [
      { heads: [evilFour, latest], delivers: entries(owner, 4) },
    ]),
    read("fork", "The recovery key names two successors.", 1, [good4, refused(second, "ERR_FORK")]),
    read("fork-of-two", "Or two remotes show them.", 2, [
      { heads: [latest, second], delivers: [], code: "ERR_FORK" },
    ]),
    read("set-back", "A name that promises not to lag shows what the former key signed rightly.", 1, [
      good4,
      refused(two, "ERR_ROLLBACK"),
    ]),
  ];
}

/** Proofs, and accusations, of what former keys signed. */
export async function evidence(log: RotatedLog, { strangerKey, other }: Parts): Promise<readonly Fixture[]> {
  const { logId, owner, thief, keys, recoveryKeys, succession, versions } = log;
  const good = await succession();
  const noteIn = (head: Uint8Array): string => new TextDecoder().decode(decodeRemoteLog(head).checkpoint);
  const leaf = (content: Uint8Array): Uint8Array => {
    const digest = sha256(content);
    return hashLeaf(new Uint8Array([...digest, ...digest]));
  };
  const leaves = owner.entries.map(leaf);
  // From 1 to 2 entries, and from 2 to 4: the first hash is the root of the former.
  const path = [leaves[0]!, leaves[1]!];
  const far = [hashNode(leaves[0]!, leaves[1]!), hashNode(leaves[2]!, leaves[3]!)];
  const [one, two, four] = owner.heads.map(noteIn) as [string, string, string];
  const [evilOne, evilTwo, evilFour] = thief.heads.map(noteIn) as [string, string, string];
  const genesis = hexOf(log.genesis);
  const signed = (head: Uint8Array, key: SigningKey): Promise<string> =>
    checkpointNote(checkpointIn(head), checkpointOrigin(logId), key);
  const [ownFour, otherFour] = [
    await signed(owner.heads[2]!, keys[1]),
    await signed(thief.heads[2]!, keys[1]),
  ];
  const said = (size: number, root = hash(1)): Promise<string> =>
    checkpointNote({ size, root }, manifestOrigin(logId), keys[0]);
  interface Proof {
    readonly successions?: readonly string[];
    readonly smaller: string;
    readonly larger?: string;
    readonly path?: readonly Uint8Array[];
  }
  const proof = (name: string, why: string, means: string, parts: Proof): Fixture => {
    const { successions, smaller, larger = good, path = [] } = parts;
    const text = JSON.stringify({
      genesis,
      ...(successions && { successions }),
      ...{ smaller, larger, path: path.map(hexOf) },
    });
    const verdict = means.startsWith("ERR_")
      ? ({ expect: "refused", code: means } as const)
      : ({ expect: "accepted", means } as const);
    return { name: `succession-evidence-${name}`, why, decode: "fork-evidence", input: { text }, ...verdict };
  };
  const nothing = "no fork";
  const after = { successions: [good] };
  return [
    proof("more", "The former key signed 4 entries, and was ended at 2.", "a former key at 4 and 2", {
      smaller: evilFour,
    }),
    proof("same-size", "It signed other 2.", "a former key at 2 and 2", { smaller: evilTwo }),
    proof("other-beginning", "It signed another entry 0, which the path shows.", "a former key at 1 and 2", {
      ...{ smaller: evilOne, path },
    }),
    proof(
      "manifest",
      "It signed 2 versions of the manifest, and was ended at 1.",
      "a former key at 2 and 1",
      {
        smaller: await said(2),
      },
    ),
    proof("other-manifest", "It signed another version 1.", "a former key at 1 and 1", {
      smaller: await said(1),
    }),
    proof(
      "of-true-entries",
      "It signed 4 entries that the later key has, too: they count no more.",
      "a former key at 4 and 2",
      {
        smaller: four,
      },
    ),
    proof("of-the-end", "The state at which the key was ended.", nothing, { smaller: two }),
    proof("of-a-beginning", "A state that is the beginning of it.", nothing, { smaller: one, path }),
    proof("of-the-manifest-at-the-end", "The manifest at which the key was ended.", nothing, {
      smaller: await said(versions.size, versions.root),
    }),
    proof("without-path", "Another beginning, and no path that shows it.", nothing, { smaller: evilOne }),
    proof("wrong-path", "A path that does not lead to what the succession counts.", nothing, {
      ...{ smaller: evilOne, path: [leaves[1]!, leaves[0]!] },
    }),
    proof("path-too-long", "A path with a hash more.", nothing, {
      ...{ smaller: evilOne, path: [...path, hash(1)] },
    }),
    proof("of-a-stranger", "A succession by a stranger ends no key.", INTEGRITY, {
      ...{ smaller: evilFour, larger: await succession({}, strangerKey) },
    }),
    proof("of-the-thief", "Nor does one by the key itself.", INTEGRITY, {
      ...{ smaller: evilFour, larger: await succession({}, keys[0]) },
    }),
    proof("of-another-log", "Nor does that of another log.", MALFORMED, {
      ...{ smaller: evilFour, larger: await succession({}, recoveryKeys[0], other.logId) },
    }),
    proof("of-number-2", "Number 2 does not end the first key.", INTEGRITY, {
      ...{ smaller: evilFour, larger: await succession({ index: 2 }, recoveryKeys[0]) },
    }),
    proof("state-of-a-stranger", "A stranger's 4 entries accuse nobody.", INTEGRITY, {
      smaller: await signed(thief.heads[2]!, strangerKey),
    }),
    proof(
      "state-of-the-later-key",
      "What the later key signs is not ended by the succession to it.",
      INTEGRITY,
      {
        smaller: otherFour,
      },
    ),
    proof("state-of-another-log", "The 4 entries of another log.", INTEGRITY, {
      smaller: noteIn(other.heads[2]!),
    }),
    proof("two-successors", "The recovery key named two.", "two successors at 2 and 2", {
      smaller: await succession({ signingKey: keys[2].publicKey }),
    }),
    proof("one-successor", "The same succession twice.", nothing, { smaller: good }),
    proof("two-successors-of-two-numbers", "Numbers 1 and 2 follow each other.", INTEGRITY, {
      ...{ smaller: good, larger: await succession({ index: 2 }) },
    }),
    proof("later-fork", "The later key signed two histories.", "a fork at 4 and 4", {
      ...{ ...after, smaller: ownFour, larger: otherFour },
    }),
    proof("later-fork-without-successions", "The key of the genesis record has not signed them.", INTEGRITY, {
      ...{ smaller: ownFour, larger: otherFour },
    }),
    proof("later-and-former", "One by each key is no fork.", INTEGRITY, {
      ...{ ...after, smaller: ownFour, larger: evilFour },
    }),
    proof("successions-of-a-stranger", "A key that a stranger named.", INTEGRITY, {
      successions: [await succession({}, strangerKey)],
      ...{ smaller: ownFour, larger: otherFour },
    }),
    proof(
      "second-succession",
      "The later key signed 4 entries, and was ended at 2.",
      "a former key at 4 and 2",
      {
        ...{ ...after, smaller: ownFour, larger: await succession({ index: 2 }) },
      },
    ),
    proof(
      "second-succession-of-a-beginning",
      "It was ended at 4 entries, of which these are the beginning.",
      nothing,
      {
        ...{ ...after, smaller: await signed(owner.heads[1]!, keys[1]), path: far },
        larger: await succession({ index: 2, ...checkpointIn(owner.heads[2]!) }),
      },
    ),
  ];
}
