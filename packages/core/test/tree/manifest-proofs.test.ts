// What a head shows of its manifest, checked by the transparency-log packages of the Go project, by way of tools/proof-check.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { goOrSkip } from "@remote-log/servers";
import { failure } from "@remote-log/test-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recoveryKey } from "../../src/crypto/index.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import {
  Address,
  formatConsistencyProof,
  formatInclusionProof,
  generateSeed,
  verifierKeyText,
} from "../../src/index.ts";
import { readGenesis } from "../../src/log/genesis.ts";
import { manifestLeafHash } from "../../src/log/manifest.ts";
import { signSuccession, successionOrigin } from "../../src/log/succession.ts";
import { consistencyPath, hashNode } from "../../src/merkle/index.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { ManifestLog } from "../reader/manifest-log.ts";

const program = fileURLToPath(new URL("../../../../tools/proof-check", import.meta.url));
const { skip } = await goOrSkip();
const run = promisify(execFile);
const hashOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text));
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** How many versions of the manifest each published state has. */
const VERSIONS = [1, 2, 3, 4, 7, 8, 13];

/** What a state shows of its manifest, as anyone reads it: the fields of the head, and the object that they name. */
interface Shown {
  readonly bytes: Uint8Array;
  readonly note: string;
  readonly path: readonly Uint8Array[];
  readonly leaves: readonly Uint8Array[];
}

describe.skipIf(skip)("the manifest of a log, for the Go transparency-log packages", () => {
  let folder = "";
  let binary = "";
  let key = "";
  let origin = "";
  const states = new Map<number, Shown>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "remote-log-manifest-proofs-"));
    binary = join(folder, "proof-check");
    await run("go", ["build", "-o", binary, "."], { cwd: program });
    const steps = VERSIONS.map((size, i) => ({ entries: 1, versions: size - (VERSIONS[i - 1] ?? 0) }));
    const log = await ManifestLog.write(steps);
    origin = `remote-log/v1/${log.logId}/manifest`;
    for (const [at, head] of log.heads.entries()) {
      const { genesis, manifest } = decodeRemoteLog(head);
      const { bytes, checkpoint, path, leaves } = manifest!;
      key = verifierKeyText(origin, readGenesis(genesis).genesis.signingKey);
      const listed = leaves.length === 0 ? [] : split(log.contents.get(`${Address.fromBytes(leaves)}`)!);
      states.set(VERSIONS[at]!, { bytes, note: textOf(checkpoint), path: split(path), leaves: listed });
    }
  }, 600_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const check = async (...words: readonly string[]): Promise<string> =>
    (await run(binary, ["-key", key, ...words])).stdout;
  const noteOf = (version: number): Promise<string> => file(`${version}.note`, states.get(version)!.note);
  const proofOf = (version: number, index: number): Promise<string> => {
    const { path, note } = states.get(version)!;
    return file("proof", formatInclusionProof({ index, path, checkpointNote: note }));
  };

  test.each(VERSIONS)(
    "the checkpoint of version %i has it as its size, and as its last leaf",
    async (version) => {
      expect(await check("checkpoint", await noteOf(version))).toContain(
        `ok checkpoint of ${origin}: size ${version}, `,
      );
      const proof = await proofOf(version, version - 1);
      const leaf = await file("leaf", states.get(version)!.bytes);
      expect(await check("inclusion", proof, leaf)).toBe(
        `ok leaf ${version - 1} of ${version} in ${origin}\n`,
      );
    },
  );

  test("no other bytes are that leaf, nor is it another", async () => {
    const [one, seven] = [states.get(4)!.bytes, states.get(7)!.bytes];
    const other = await failure(check("inclusion", await proofOf(7, 6), await file("leaf", one)));
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("the data is not leaf 6") });
    const elsewhere = await failure(check("inclusion", await proofOf(7, 5), await file("leaf", seven)));
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining("the data is not leaf 5") });
  });

  test("the leaf hashes that are stored prove that each version continues those before it", async () => {
    for (const second of VERSIONS) {
      const leaves = leavesOf(second);
      for (const first of VERSIONS.filter((size) => size <= second)) {
        const path = await consistencyPath(first, second, leavesSource(leaves));
        const proof = await file("consistency", formatConsistencyProof({ first, second, path }));
        const [older, newer] = [await noteOf(first), await noteOf(second)];
        expect(await check("consistency", older, newer, proof)).toBe(
          `ok ${origin}: size ${second} continues size ${first}\n`,
        );
      }
    }
  });

  test("they prove no continuation of another history, and a checkpoint of entries is none of the manifest", async () => {
    const leaves = [...leavesOf(13)];
    leaves[2] = manifestLeafHash(states.get(1)!.bytes);
    const path = await consistencyPath(7, 13, leavesSource(leaves));
    const proof = await file("consistency", formatConsistencyProof({ first: 7, second: 13, path }));
    const forged = await failure(check("consistency", await noteOf(7), await noteOf(13), proof));
    expect(forged).toMatchObject({ code: 1, stderr: expect.stringContaining("no continuation") });
    const entries = states.get(7)!.note.replaceAll("/manifest", "");
    const misread = await failure(check("checkpoint", await file("entries", entries)));
    expect(misread).toMatchObject({ code: 1, stderr: expect.stringContaining("is not signed by") });
  });

  test("a succession opens with the recovery key that it shows, by its verifier key, and with no other", async () => {
    const recoverySeed = generateSeed();
    const [log, name] = ["a".repeat(64), successionOrigin("a".repeat(64))];
    const recovery = await recoveryKey(recoverySeed, 0);
    const { publicKey } = await recoveryKey(recoverySeed, 1);
    const succession = {
      ...{ index: 1, size: 3, root: hashOf("entries"), versions: 2, manifestRoot: hashOf("versions") },
      ...{ signingKey: hashOf("a key"), nextRecoveryKeyHash: hashOf("a recovery key") },
    };
    const note = await signSuccession(log, succession, recovery);
    const open = async (text: string, verifier: string): Promise<string> =>
      (await run(binary, ["-key", verifier, "note", await file("succession", text)])).stdout;
    const own = verifierKeyText(name, recovery.publicKey);
    expect(await open(note, own)).toBe(`ok note of ${name}: 9 lines\n`);
    for (const [text, verifier] of [
      [note, verifierKeyText(name, publicKey)],
      [note, verifierKeyText(`remote-log/v1/${log}`, recovery.publicKey)],
      [note.replace("\n3\n", "\n4\n"), own],
    ] as const) {
      expect(await failure(open(text, verifier))).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("the note is not signed by"),
      });
    }
    const entries = states.get(7)!.note;
    const misread = await failure(open(entries.replaceAll("/manifest", "/succession"), own));
    expect(misread).toMatchObject({ code: 1, stderr: expect.stringContaining("is not signed by") });
  });

  // A head shows the first two versions by themselves; later ones name the list.
  function leavesOf(version: number): readonly Uint8Array[] {
    const { leaves, path, bytes } = states.get(version)!;
    return version > 2 ? leaves : [...path, manifestLeafHash(bytes)];
  }
});

function split(joined: Uint8Array): Uint8Array[] {
  return Array.from({ length: joined.length / 32 }, (_, i) => joined.slice(32 * i, 32 * i + 32));
}

function leavesSource(leaves: readonly Uint8Array[]): Parameters<typeof consistencyPath>[2] {
  const subtree = async (start: number, count: number): Promise<Uint8Array> =>
    count === 1
      ? leaves[start]!
      : hashNode(await subtree(start, count / 2), await subtree(start + count / 2, count / 2));
  return { subtree };
}
