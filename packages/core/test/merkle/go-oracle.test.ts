import { execFile } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goOrSkip } from "@remote-log/servers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CompactRange, consistencyPath, hashLeaf, inclusionPath } from "../../src/merkle/index.ts";
import { leafData } from "./rfc9162.ts";
import { oracleSource } from "./trees.ts";

// Compares with the transparency-log packages of the Go project, by way of tools/proof-check.

const program = fileURLToPath(new URL("../../../../tools/proof-check", import.meta.url));
const { skip } = await goOrSkip();

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const origin = "remote-log/v1/a-log-of-this-test";
let folder = "";
let binary = "";

/** A signing key in the form of C2SP signed-note, written out here from its specification. */
function noteKey(): { verifierKey: string; signNote: (text: string) => string } {
  const pair: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync("ed25519");
  const publicKey = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const key = Buffer.concat([Buffer.of(1), publicKey]);
  const id = createHash("sha256").update(`${origin}\n`).update(key).digest().subarray(0, 4);
  return {
    verifierKey: `${origin}+${id.toString("hex")}+${key.toString("base64")}`,
    signNote: (text) => {
      const signature = Buffer.concat([id, sign(null, Buffer.from(text), pair.privateKey)]);
      return `${text}\n— ${origin} ${signature.toString("base64")}\n`;
    },
  };
}

const { verifierKey, signNote } = noteKey();

function run(
  command: string,
  args: readonly string[],
  cwd?: string,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, timeout: 590_000 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === "number") resolve({ code, output: stdout + stderr });
      else reject(new Error(`${command} did not run to its end`, { cause: error }));
    });
  });
}

const check = (...args: readonly string[]) => run(binary, ["-key", verifierKey, ...args]);

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function rootOf(size: number): Uint8Array {
  const range = CompactRange.empty();
  for (let i = 0; i < size; i++) range.appendLeaf(hashLeaf(leafData(i)));
  return range.root();
}

const checkpoint = (size: number, root = rootOf(size)) => signNote(`${origin}\n${size}\n${base64(root)}\n`);

async function inclusionFile(index: number, size: number, extra = ""): Promise<string> {
  const path = await inclusionPath(index, size, oracleSource(size));
  const lines = path.map((hash) => `${base64(hash)}\n`).join("");
  return `c2sp.org/tlog-proof@v1\n${extra}index ${index}\n${lines}\n${checkpoint(size)}`;
}

async function consistencyFile(first: number, second: number): Promise<string> {
  const path = await consistencyPath(first, second, oracleSource(second));
  return `remote-log/consistency@v1\n${first} ${second}\n${path.map((hash) => `${base64(hash)}\n`).join("")}`;
}

interface BatchTree {
  readonly size: number;
  readonly root: string;
  readonly inclusion: readonly { readonly index: number; readonly path: string[] }[];
  readonly consistency: readonly { readonly first: number; readonly path: string[] }[];
}

async function batchTree(size: number, indexes: number[], firsts: number[]): Promise<BatchTree> {
  const source = oracleSource(size);
  const inclusion = indexes.map(async (index) => ({
    index,
    path: (await inclusionPath(index, size, source)).map(base64),
  }));
  const consistency = firsts.map(async (first) => ({
    first,
    path: (await consistencyPath(first, size, source)).map(base64),
  }));
  return {
    size,
    root: base64(rootOf(size)),
    inclusion: await Promise.all(inclusion),
    consistency: await Promise.all(consistency),
  };
}

describe.skipIf(skip)("the Go transparency-log packages", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "remote-log-proof-check-"));
    binary = join(folder, "proof-check");
    const built = await run("go", ["build", "-o", binary, "."], program);
    if (built.code !== 0) throw new Error(`proof-check can't be built:\n${built.output}`);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("make the same roots and the same paths for random sizes", async () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 5_000 }));
    const shapes = size.chain((n) =>
      fc.record({
        size: fc.constant(n),
        indexes: fc.array(fc.nat(n - 1), { minLength: 6, maxLength: 6 }),
        firsts: fc.array(fc.integer({ min: 1, max: n }), { minLength: 6, maxLength: 6 }),
      }),
    );
    const seed = Date.now();
    const sampled = fc.sample(shapes, { numRuns: 48, seed });
    const trees = [await batchTree(0, [], [])];
    for (const shape of sampled) trees.push(await batchTree(shape.size, shape.indexes, shape.firsts));
    const { code, output } = await run(binary, ["batch", await file("batch.json", JSON.stringify(trees))]);
    expect({ code, output }, `seed ${seed}`).toEqual({
      code: 0,
      output: `ok 49 trees with ${48 * 12} proofs\n`,
    });
  });

  test("refuse a batch with one hash of a path changed", async () => {
    for (const kind of ["inclusion", "consistency"] as const) {
      const tree = await batchTree(100, [42], [37]);
      tree[kind][0]!.path[2] = base64(rootOf(1));
      const { code, output } = await run(binary, [
        "batch",
        await file("forged.json", JSON.stringify([tree])),
      ]);
      expect(code).toBe(1);
      expect(output).toContain(`tree of 100 leaves: ${kind}`);
    }
  });

  test("refuse a batch with a forged root", async () => {
    const tree = { ...(await batchTree(100, [], [])), root: base64(rootOf(99)) };
    const { code, output } = await run(binary, ["batch", await file("root.json", JSON.stringify([tree]))]);
    expect(code).toBe(1);
    expect(output).toContain("the root is");
  });

  test("accept a signed checkpoint, and none that was changed or signed by another", async () => {
    const signed = checkpoint(1000);
    const good = await check("checkpoint", await file("checkpoint", signed));
    expect(good).toEqual({
      code: 0,
      output: `ok checkpoint of ${origin}: size 1000, root ${base64(rootOf(1000))}\n`,
    });
    const changed = await check("checkpoint", await file("changed", signed.replace("\n1000\n", "\n1001\n")));
    expect(changed.code).toBe(1);
    const foreign = noteKey().signNote(`${origin}\n1000\n${base64(rootOf(1000))}\n`);
    expect((await check("checkpoint", await file("foreign", foreign))).code).toBe(1);
    const other = signNote(`remote-log/v1/another\n1000\n${base64(rootOf(1000))}\n`);
    expect((await check("checkpoint", await file("other", other))).code).toBe(1);
  });

  test.each([
    [0, 1, ""],
    [42, 1000, ""],
    [999, 1000, "extra aGVsbG8=\n"],
  ])("accept the proof file of leaf %i of %i", async (index, size, extra) => {
    const proof = await file("proof", await inclusionFile(index, size, extra));
    const good = await check("inclusion", proof, await file("leaf", leafData(index)));
    expect(good).toEqual({ code: 0, output: `ok leaf ${index} of ${size} in ${origin}\n` });
    const wrong = await check("inclusion", proof, await file("leaf", leafData(index + 1)));
    expect(wrong.code).toBe(1);
    expect(wrong.output).toContain(`the data is not leaf ${index}`);
  });

  test("refuse a proof file that names another index", async () => {
    const text = (await inclusionFile(42, 1000)).replace("index 42", "index 43");
    const { code } = await check("inclusion", await file("proof", text), await file("leaf", leafData(42)));
    expect(code).toBe(1);
  });

  test.each([
    [0, 0],
    [0, 7],
    [7, 7],
    [64, 1000],
    [777, 1000],
  ])("accept that size %i is continued by size %i", async (first, second) => {
    const result = await check(
      "consistency",
      await file("old", checkpoint(first)),
      await file("new", checkpoint(second)),
      await file("consistency", await consistencyFile(first, second)),
    );
    expect(result).toEqual({ code: 0, output: `ok ${origin}: size ${second} continues size ${first}\n` });
  });

  test("refuse a fork that the key itself signed", async () => {
    const fork = await check(
      "consistency",
      await file("old", checkpoint(777, rootOf(776))),
      await file("new", checkpoint(1000)),
      await file("consistency", await consistencyFile(777, 1000)),
    );
    expect(fork.code).toBe(1);
    expect(fork.output).toContain("no continuation");
  });
});
