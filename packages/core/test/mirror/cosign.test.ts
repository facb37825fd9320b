// A mirror signs that it keeps a log: after everything was read back, and never what contradicts what it signed before.

import { memoryNames, memoryStorage } from "@remote-log/memory";
import { failure, sample } from "@remote-log/test-kit";
import { beforeAll, describe, expect, test } from "vitest";
import { parseCheckpoint, parseSignedNote } from "../../src/checkpoint/index.ts";
import { Cosigner, cosignedAt, cosignerKeyText, Policy } from "../../src/cosign/index.ts";
import { signingKeyFromSeed } from "../../src/crypto/index.ts";
import { type MirrorResult, memoryReaderStore, openReader, type Remote } from "../../src/index.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { ManifestLog } from "../reader/manifest-log.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { expectWhole, logAt, makeTarget, mirrorFrom, type Target } from "./target.ts";

const key = await signingKeyFromSeed(new Uint8Array(32).fill(21));
const name = "mirror.example/m1";
const identity = { name, publicKey: key.publicKey };
const vkey = cosignerKeyText(identity);
const policy = new Policy(`witness m1 ${vkey}\nquorum m1`);
const makeCosigner = (values = new Map<string, Uint8Array>()): Cosigner =>
  new Cosigner({ name, key, store: memoryReaderStore({ values }) });

/** A log as a remote with this head shows it. */
const showing = ({ logId, contents }: ManifestLog, head: Uint8Array) => ({ logId, contents, head });

let log: WrittenLog;
let bundled: WrittenLog;

beforeAll(async () => {
  log = await writeLog(contents(60), { settings: foldingCuts, publishAt: [9, 40] });
  bundled = await writeLog(contents(100), { settings: { leafSize: 2, fanOut: 32 }, bundles: "writer" });
});

const noteIn = (target: Target, { logId }: Pick<WrittenLog, "logId">): string =>
  new TextDecoder().decode(decodeRemoteLog(target.table.values.get(logId)!.content).checkpoint);

test("the name of the copy shows a head that the mirror signed, and a policy that asks for the mirror holds there alone", async () => {
  const target = makeTarget();
  const { cosigned, name: what } = await mirrorFrom(log, target, { cosign: { by: makeCosigner() } });
  expect(what).toBe("updated");
  expect(noteIn(target, log)).toBe(cosigned!.note);
  expect(typeof (await cosignedAt(parseSignedNote(cosigned!.note), identity))).toBe("number");
  await expectWhole(target, log);
  const source = scriptedRemote(log.contents, log.head);
  const read = async (remotes: readonly Remote[]) => {
    const reader = await openReader({ logId: log.logId, remotes, policy });
    const { policy: report } = await reader.sync();
    expect(reader.status().policy).toEqual(report);
    await reader.close();
    return report!;
  };
  expect((await read([target.remote])).newest).toMatchObject({ holds: true, size: 60 });
  expect((await read([source])).newest).toMatchObject({ holds: false, size: 60 });
  expect((await read([source, target.remote])).newest.holds).toBe(true);
});

test("while the mirror is behind, a reader says for which state the policy holds", async () => {
  const target = makeTarget();
  await mirrorFrom(logAt(log, 40), target, { cosign: { by: makeCosigner() } });
  const remotes = [scriptedRemote(log.contents, log.head), target.remote];
  const reader = await openReader({ logId: log.logId, remotes, policy });
  const { policy: report } = await reader.sync();
  expect(report).toMatchObject({ newest: { holds: false, size: 60 }, held: { holds: true, size: 40 } });
  await reader.close();
});

test("a second pass reads back only what is new, and a pass without news reads and sets nothing", async () => {
  let reads = 0;
  const target = makeTarget({
    around: async (call, proceed) => {
      if (call.kind === "get") reads++;
      return proceed();
    },
  });
  const by = makeCosigner();
  const first = await mirrorFrom(logAt(log, 40), target, { cosign: { by } });
  const all = reads;
  // Every object that is in the target, but for the name.
  expect(all).toBeGreaterThanOrEqual(target.contents.size);
  reads = 0;
  const known = { known: first.head, missing: first.missing };
  const next = await mirrorFrom(log, target, { ...known, cosign: { by, readBack: first.head } });
  expect(next.cosigned).toBeDefined();
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThan(all);
  const again = await mirrorFrom(log, target, { known: next.head, cosign: { by, readBack: next.head } });
  expect(again).toMatchObject({ name: "current", cosigned: next.cosigned });
  // Whoever lost what it knew finds the same signature, and sets the name to the same bytes.
  expect(await mirrorFrom(log, target, { cosign: { by } })).toMatchObject({ name: "current" });
});

describe("nothing is signed if the target does not show what was stored:", () => {
  const cases = async (
    written: WrittenLog,
    damage: (target: Target, address: string) => void,
  ): Promise<number> => {
    const whole = makeTarget();
    await mirrorFrom(written, whole);
    const all = [...whole.contents.keys()];
    for (const address of sample("cosigned copies", all, 8)) {
      const values = new Map<string, Uint8Array>();
      // It acknowledges the object, and loses it.
      const target: Target = makeTarget({
        around: async (call, proceed) => {
          const result = await proceed();
          if (call.kind === "put" && String(result) === address) damage(target, address);
          return result;
        },
      });
      const error = await failure(mirrorFrom(written, target, { cosign: { by: makeCosigner(values) } }));
      expect(error, address).toMatchObject({
        code: expect.stringMatching(/^ERR_(NOT_FOUND|NOT_PROPAGATED|INTEGRITY)$/),
      });
      expect(values.size).toBe(0);
      expect(target.table.values.size).toBe(0);
    }
    return all.length;
  };

  test("each object of a log with three levels, missing", async () => {
    expect(await cases(log, ({ contents: held }, address) => held.delete(address))).toBeGreaterThan(30);
  });

  test("each object of a log with bundles, missing", async () => {
    expect(await cases(bundled, ({ contents: held }, address) => held.delete(address))).toBeGreaterThan(10);
  });

  test("each object, damaged", async () => {
    const flip = ({ contents: held }: Target, address: string): void => {
      const bytes = held.get(address)!.slice();
      bytes[bytes.length >> 1]! ^= 1;
      held.set(address, bytes);
    };
    expect(await cases(logAt(log, 9), flip)).toBeGreaterThan(4);
  });

  test("the leaf hashes of a manifest, missing", async () => {
    const written = await ManifestLog.write([{ entries: 3, versions: 4 }]);
    const head = written.heads[0]!;
    const from = [scriptedRemote(written.contents, head)];
    const { leaves } = decodeRemoteLog(head).manifest!;
    const whole = makeTarget();
    const { cosigned } = await mirrorFrom(showing(written, head), whole, {
      from,
      cosign: { by: makeCosigner() },
    });
    const manifest = parseSignedNote(cosigned!.manifestNote!);
    expect(parseCheckpoint(manifest.text)).toMatchObject({ size: 4 });
    expect(typeof (await cosignedAt(manifest, identity))).toBe("number");
    const shown = decodeRemoteLog(whole.table.values.get(written.logId)!.content).manifest!;
    expect(new TextDecoder().decode(shown.checkpoint)).toBe(cosigned!.manifestNote);
    const target: Target = makeTarget({
      around: async (call, proceed) => {
        const result = await proceed();
        if (
          call.kind === "put" &&
          Buffer.compare(Buffer.from((result as { bytes: Uint8Array }).bytes), leaves) === 0
        )
          target.contents.delete(String(result));
        return result;
      },
    });
    const values = new Map<string, Uint8Array>();
    await failure(mirrorFrom(showing(written, head), target, { from, cosign: { by: makeCosigner(values) } }));
    expect(values.size).toBe(0);
  });
});

test("a manifest that does not extend the one that was signed is refused", async () => {
  const [one, other] = await Promise.all([
    ManifestLog.write([{ entries: 3, versions: 1 }, { versions: 3 }]),
    ManifestLog.write([{ entries: 3, versions: 1, say: { firstKept: 1 } }, { versions: 3 }]),
  ]);
  const by = makeCosigner();
  const mirror = (from: ManifestLog, at: number): Promise<MirrorResult> =>
    mirrorFrom(showing(from, from.heads[at]!), makeTarget(), { cosign: { by } });
  await mirror(one, 0);
  expect(await failure(mirror(other, 1))).toMatchObject({ code: "ERR_INTEGRITY", operation: "cosign.sign" });
  expect((await mirror(one, 1)).cosigned?.manifestNote).toContain("\n4\n");
});

test("a log that was rolled back or made anew is refused by the key, even without anything else that was kept", async () => {
  const seed = new Uint8Array(32).fill(5);
  const settings = foldingCuts;
  const [right, wrong] = await Promise.all([
    writeLog(contents(30, "a", 10), { seed, settings, publishAt: [20] }),
    writeLog(contents(35, "b", 10), { seed, settings }),
  ]);
  const by = makeCosigner();
  await mirrorFrom(right, makeTarget(), { cosign: { by } });
  for (const [shown, code] of [
    [logAt(right, 20), "ERR_ROLLBACK"],
    [wrong, "ERR_INTEGRITY"],
  ] as const) {
    const target = makeTarget();
    expect(await failure(mirrorFrom(shown, target, { cosign: { by } }))).toMatchObject({ code });
    expect(target.table.values.size).toBe(0);
  }
});

test("a copy that lacks entries is not signed, and neither is one behind a name that shows a later state", async () => {
  const values = new Map<string, Uint8Array>();
  const by = makeCosigner(values);
  // The first object that was stored: a page, or a content.
  const lacking = new Map([...log.contents].slice(1));
  const target = makeTarget();
  const result = await mirrorFrom({ ...log, contents: lacking }, target, { cosign: { by } });
  expect(result.missingEntries).toBeGreaterThan(0);
  expect(result.cosigned).toBeUndefined();
  expect(values.size).toBe(0);

  const later = makeTarget();
  await mirrorFrom(log, later);
  const behind = await mirrorFrom(logAt(log, 40), later, { cosign: { by } });
  expect(behind).toMatchObject({ name: "newer" });
  expect(behind.cosigned).toBeUndefined();
  expect(values.size).toBe(0);
});

test("a target without names gets the head as it is, and the result has the signed note", async () => {
  const held = new Map<string, Uint8Array>();
  const reader = await openReader({ logId: log.logId, remotes: [scriptedRemote(log.contents, log.head)] });
  const { mirrorLog } = await import("../../src/index.ts");
  const by = makeCosigner();
  const result = await mirrorLog({
    reader,
    to: { storage: memoryStorage({ contents: held }) },
    cosign: { by },
  });
  expect(result.head).toEqual(log.head);
  expect(await cosignedAt(parseSignedNote(result.cosigned!.note), identity)).toBeGreaterThan(0);
  await reader.close();
});

test("what can't be used as `cosign` is refused", async () => {
  const options = { to: { storage: memoryStorage(), names: memoryNames() } };
  const reader = await openReader({ logId: log.logId, remotes: [scriptedRemote(log.contents, log.head)] });
  const { mirrorLog } = await import("../../src/index.ts");
  const wrong = { by: {} } as unknown as { by: Cosigner };
  expect(await failure(mirrorLog({ ...options, reader, cosign: wrong }))).toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  const readBack = new Uint8Array([1]);
  const cosign = { by: makeCosigner(), readBack };
  expect(await failure(mirrorLog({ ...options, reader, cosign }))).toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  await reader.close();
});
