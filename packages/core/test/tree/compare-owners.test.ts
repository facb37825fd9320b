// How states relate that different keys of one log signed.

import { beforeAll, expect, test } from "vitest";
import {
  type ForkEvidence,
  type ForkVerdict,
  UnreachableError,
  verifyForkEvidence,
} from "../../src/index.ts";
import type { SignedSuccession } from "../../src/log/succession.ts";
import { compareHeads } from "../../src/tree/compare-heads.ts";
import { keyChangeBetween } from "../../src/tree/key-change.ts";
import { compareManifests, type ManifestView } from "../../src/tree/manifest-versions.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import type { Relation } from "../../src/tree/relation.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { rotatedLog, type Signed, treeOf } from "./rotated-log.ts";

let all: Signed[];
let logId: string;

beforeAll(async () => {
  all = await rotatedLog();
  logId = all[0]!.head.genesis.logId;
});

type Part = "entries" | "versions";

const sizeOf = ({ size, versions }: SignedSuccession, part: Part): number =>
  part === "entries" ? size : versions;

/** Whether one list begins with another. */
const begins = <T>(longer: readonly T[], shorter: readonly T[]): boolean =>
  shorter.every((one, i) => longer[i] === one);

/** How two states have to relate, by who said what of them, and whose key contradicts if one does. */
function expected(one: Signed, other: Signed, part: Part): string {
  const [m, n] = [one[part].length, other[part].length];
  const related = m === n ? "same" : m < n ? "extends" : "older";
  const notes = [one, other].map(({ keys }) => keys.map(({ note }) => note)) as [string[], string[]];
  const [shorter, longer] = [...notes].sort((a, b) => a.length - b.length) as [string[], string[]];
  if (!begins(longer, shorter)) return "forked recovery-key";
  const [larger, smaller] = m > n ? [one, other] : [other, one];
  if (shorter.length === longer.length)
    return begins(larger[part], smaller[part]) ? related : "forked signing-key";
  const [former, owner] = notes[0] === shorter ? [one, other] : [other, one];
  const end = owner.keys[shorter.length]!;
  const isPart = former[part].length <= sizeOf(end, part) && begins(owner[part], former[part]);
  // What is beyond in one way is not part of the log in any.
  const isBeyond = part === "entries" && former.versions.length > end.versions;
  if (isPart && !isBeyond) return related;
  return `superseded ${former === one ? "verified" : "offered"} former-key`;
}

/** What was found, with the verdict on its evidence, which has to prove nothing else. */
async function found(relation: Relation): Promise<{ readonly kind: string; readonly verdict?: ForkVerdict }> {
  if (!("evidence" in relation)) return { kind: relation.kind };
  const { evidence } = relation;
  const verdict = (await verifyForkEvidence(evidence))!;
  expect(verdict.logId).toBe(logId);
  expect(evidence.successions?.length).not.toBe(0);
  expect(verdict.of === "succession").toBe(verdict.by === "recovery-key");
  if (relation.kind === "forked") {
    const same = verifyForkEvidence({ ...evidence, smaller: evidence.larger }).catch(() => undefined);
    expect(await same).toBeUndefined();
    return { kind: `forked ${verdict.by}`, verdict };
  }
  expect(relation.kind).toBe("superseded");
  await provesNothingElse(evidence);
  return { kind: `superseded ${relation.former} ${verdict.by}`, verdict };
}

const KINDS = new Set([
  ...["same", "extends", "older", "forked signing-key", "forked recovery-key"],
  ...["superseded verified former-key", "superseded offered former-key"],
]);

const nameOf = ({ keys, entries, versions }: Signed): string =>
  `${keys.length} keys, ${entries.length} entries to ${entries[entries.length - 1]}, ${versions.length} versions`;

test("entries that a former key signed are superseded, unless they are the beginning of what its owner signed", async () => {
  const kinds = new Set<string>();
  for (const one of all) {
    for (const other of all) {
      const { kind, verdict } = await found(await compareHeads(treeOf(one), treeOf(other)));
      const what = `${nameOf(one)}; ${nameOf(other)}`;
      expect(kind, what).toBe(expected(one, other, "entries"));
      kinds.add(kind);
      if (verdict?.by === "signing-key") expect(verdict.of).toBe("entries");
      if (verdict?.by !== "former-key") continue;
      const [former, owner] = one.keys.length < other.keys.length ? [one, other] : [other, one];
      const end = owner.keys[former.keys.length]!;
      const isOfManifest = former.entries.length <= end.size && former.versions.length > end.versions;
      expect(verdict.of, what).toBe(isOfManifest ? "manifest" : "entries");
      if (isOfManifest) continue;
      expect([verdict.smaller, verdict.larger], what).toEqual([former.entries.length, end.size]);
    }
  }
  expect(kinds).toEqual(KINDS);
});

test("versions of the manifest that a former key signed are superseded in the same way", async () => {
  const states = all.filter(({ head }) => head.manifest !== undefined);
  const kinds = new Set<string>();
  const view = ({ head, remote }: Signed): ManifestView => ({
    manifest: head.manifest!,
    genesis: head.genesis,
    storages: [remote.storage],
  });
  for (const one of states) {
    for (const other of states) {
      const { kind, verdict } = await found(await compareManifests(view(one), view(other)));
      const what = `${nameOf(one)}; ${nameOf(other)}`;
      expect(kind, what).toBe(expected(one, other, "versions"));
      kinds.add(kind);
      if (verdict === undefined || verdict.by === "recovery-key") continue;
      expect(verdict.of).toBe("manifest");
      if (verdict.by !== "former-key") continue;
      const [former, owner] = one.keys.length < other.keys.length ? [one, other] : [other, one];
      const end = owner.keys[former.keys.length]!;
      expect([verdict.smaller, verdict.larger], what).toEqual([former.versions.length, end.versions]);
    }
  }
  expect(kinds).toEqual(KINDS);
});

/** Evidence of a former key with anything exchanged proves nothing. */
async function provesNothingElse(evidence: ForkEvidence): Promise<void> {
  const owners = all.find(({ keys }) => keys.length === 2)!.keys;
  const used = evidence.successions?.length ?? 0;
  const accepted = (changed: Partial<ForkEvidence>): Promise<unknown> =>
    verifyForkEvidence({ ...evidence, ...changed }).catch(() => undefined);
  expect(await accepted({ larger: owners[1 - used]!.note })).toBeUndefined();
  expect(await accepted({ successions: used === 0 ? [owners[0]!.note] : [] })).toBeUndefined();
  for (const [i, hash] of evidence.path.entries()) {
    expect(
      await accepted({
        path: evidence.path.with(
          i,
          hash.map((byte) => byte ^ 1),
        ),
      }),
    ).toBeUndefined();
    expect(await accepted({ path: evidence.path.toSpliced(i, 1) })).toBeUndefined();
  }
}

test("what is beyond the succession is superseded without a read", async () => {
  const owner = all[all.length - 1]!;
  const talker = all.find(({ versions }) => versions[versions.length - 1] === "three")!;
  const view = ({ head }: Signed): ManifestView => ({
    ...{ manifest: head.manifest!, genesis: head.genesis, storages: [] },
  });
  expect(await compareManifests(view(owner), view(talker))).toMatchObject({ former: "offered" });
  expect(await compareManifests(view(talker), view(owner))).toMatchObject({ former: "verified" });
  const two = all.find(({ versions }) => versions[versions.length - 1] === "two")!;
  expect(await compareManifests(view(owner), view(two))).toMatchObject({ kind: "unverified" });
});

test("what the owner signed with a former key is no evidence against it", async () => {
  const last = all[all.length - 1]!;
  const { bytes: genesis } = last.head.genesis;
  for (const { keys, head, entries, versions } of all) {
    const end = last.keys[keys.length];
    if (end === undefined || !begins(last.entries, entries) || !begins(last.versions, versions)) continue;
    for (const smaller of [head.note, head.manifest?.note]) {
      if (smaller === undefined) continue;
      const successions = keys.map(({ note }) => note);
      const evidence = { genesis, successions, smaller, larger: end.note, path: [] };
      expect(await verifyForkEvidence(evidence), `${entries.length}`).toBeUndefined();
    }
  }
});

test("evidence about a log without a recovery key proves nothing by a succession", async () => {
  const [end] = all[all.length - 1]!.keys;
  const { createGenesis, defaultSettings } = await import("../../src/log/genesis.ts");
  const other = createGenesis({ ...defaultSettings, signingKey: new Uint8Array(32).fill(1) });
  const larger = end!.note.replaceAll(logId, other.logId);
  const evidence = { genesis: other.bytes, smaller: larger, larger, path: [] };
  expect(await verifyForkEvidence(evidence)).toBeUndefined();
});

test("what takes reads to decide is unverified if the later key's storage withholds them, and nothing else is", async () => {
  const kinds = new Set<string>();
  for (const owner of all) {
    const storage = new ScriptedStorage(new Map());
    storage.before = () => {
      throw new UnreachableError("No answer.", { operation: "storage.get" });
    };
    const withheld = new TreeView(owner.head, storage, defaultLimits, new AbortController().signal);
    for (const other of all) {
      if (other.keys.length >= owner.keys.length) continue;
      const right = expected(owner, other, "entries");
      const { kind } = await found(await compareHeads(withheld, treeOf(other)));
      kinds.add(kind);
      const end = owner.keys[other.keys.length]!;
      const needsNone =
        right === "forked recovery-key" ||
        other.entries.length > end.size ||
        other.versions.length > end.versions ||
        (other.entries.length === end.size && right !== "older");
      if (needsNone || kind !== "unverified") expect(kind).toBe(right);
    }
  }
  expect(kinds).toContain("unverified");
});

test("the change between two keys names the one that was replaced, and the succession that ended it", () => {
  const [one, two, three] = all[all.length - 1]!.keys;
  const list = [one!, two!];
  expect(three).toBeUndefined();
  expect(keyChangeBetween(list, list)).toBeUndefined();
  expect(keyChangeBetween([], [])).toBeUndefined();
  expect(keyChangeBetween([], list)).toEqual({ kind: "replaced", former: "verified", before: [], end: one });
  expect(keyChangeBetween(list, [one!])).toEqual({
    ...{ kind: "replaced", former: "offered", before: [one], end: two },
  });
  const other = { ...two!, note: "another" };
  const contradicted = { kind: "contradicted", before: [one] };
  expect(keyChangeBetween(list, [one!, other])).toEqual({ ...contradicted, one: two, other });
  expect(keyChangeBetween([one!, other, two!], list)).toEqual({ ...contradicted, one: two, other });
  expect(keyChangeBetween([other], list)).toEqual({
    kind: "contradicted",
    before: [],
    one: other,
    other: one,
  });
});
