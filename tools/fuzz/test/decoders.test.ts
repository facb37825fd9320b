import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runs, testSeed } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { beforeAll, expect, test } from "vitest";
import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { decodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import { clock } from "../clock.ts";
import { readCorpus, readRegressions, writeFailure } from "../corpus.ts";
import { bytesOf, type Corpus, type Decoder, MALFORMED, promise } from "../decoder.ts";
import { allDecoders } from "../decoders/all.ts";
import { mostly, mutateBytes } from "../mutate/bytes.ts";
import { mutateProtobuf } from "../mutate/protobuf.ts";
import { inputsOf } from "../plan.ts";
import { type Bounds, decodeInput, makeInput, runInputs, usualBounds } from "../run-inputs.ts";

/** For hangs: the whole takes a minute, and much longer on a busy machine. */
const timeout = 1_800_000;
const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Times are measured by the command; here a busy machine must not fail anything. */
const bounds: Bounds = { ...usualBounds, milliseconds: Number.POSITIVE_INFINITY };
let corpus: Corpus;
let decoders: readonly Decoder[];

beforeAll(async () => {
  corpus = readCorpus(root);
  decoders = await allDecoders(corpus);
});

test("every decoder has a corpus, every corpus a decoder, and what is in it is accepted", async () => {
  expect(decoders.map(({ name }) => name).sort()).toEqual([...corpus.keys()].sort());
  for (const decoder of decoders) {
    for (const [origin, seed] of corpus.get(decoder.name)!.entries()) {
      expect(await decodeInput(decoder, seed, origin), `${decoder.name}, seed ${origin}`).toBeUndefined();
    }
  }
});

test("what once failed does not fail again", async () => {
  for (const [file, { decoder, origin, hex }] of readRegressions(root)) {
    const found = decoders.find(({ name }) => name === decoder);
    expect(found, file).toBeDefined();
    await decodeInput(found!, bytesOf(hex), origin);
  }
});

test("every input is decoded to what it means, or refused with an error of its decoder's, nothing else", {
  timeout,
}, async () => {
  const counts = inputsOf(decoders, runs(2000, 300_000));
  let [inputs, accepted] = [0, 0];
  for (const [at, decoder] of decoders.entries()) {
    const part = { seed: testSeed, first: 0, end: counts[at]!, step: 1 };
    const tally = await runInputs(decoder, corpus.get(decoder.name)!, part, bounds);
    const { failures } = tally;
    expect(
      failures.map(({ why, seed, index, hex }) => ({ decoder: decoder.name, seed, index, why, hex })),
    ).toEqual([]);
    inputs += tally.inputs;
    accepted += tally.accepted;
  }
  expect(inputs).toBeGreaterThanOrEqual(runs(2000, 300_000));
  // Inputs that nothing accepts, or that everything accepts, test little.
  expect(accepted / inputs).toBeGreaterThan(0.2);
  expect(accepted / inputs).toBeLessThan(0.8);
});

test("the same seed and index make the same input, and other ones others", () => {
  for (const decoder of decoders) {
    const seeds = corpus.get(decoder.name)!;
    const inputs = Array.from({ length: 20 }, (_, index) => makeInput(decoder, seeds, 5, index));
    expect(makeInput(decoder, seeds, 5, 19)).toEqual(inputs[19]);
    expect(new Set(inputs.map(({ input }) => `${input}`)).size, decoder.name).toBeGreaterThan(3);
  }
});

const schema = { 1: {}, 102: {} };
const planted: readonly (readonly [string, Decoder["check"]])[] = [
  [
    "throws an error of another kind",
    (input) => void (input.length === 0 ? null! : decodeRemoteLog(input)).pairs,
  ],
  [
    "accepts numbers that are not in their shortest form",
    (input) => {
      const after = input.findIndex((byte, at) => at > 0 && byte !== 0x80);
      const padded = input[0]! >= 0x80 && input[after] === 0;
      const first = Uint8Array.of(input[0]! & 0x7f);
      decodeRemoteLog(padded ? concatBytes([first, input.slice(after + 1)]) : input);
      promise(!padded, "a message has two encodings");
    },
  ],
  ["changes its input", (input) => void input.fill(0, 7, 8)],
  [
    "makes room for a length that it was only told",
    (input) => {
      if (input.includes(0xff)) kept.push(new Uint8Array(2 ** 24));
    },
  ],
];
const kept: Uint8Array[] = [];

test.each(planted)("a decoder that %s is found within 4,000 inputs", async (name, check) => {
  const decoder: Decoder = {
    name: "planted",
    mutate: mostly(mutateProtobuf(schema)),
    refusals: MALFORMED,
    check,
  };
  const part = { seed: testSeed, first: 0, end: 4000, step: 1 };
  const { failures } = await runInputs(decoder, corpus.get("remote-log")!, part, bounds, undefined, 1);
  kept.length = 0;
  expect(failures, name).toHaveLength(1);
  const [{ hex, origin, seed, index }] = failures as [(typeof failures)[number]];
  expect(makeInput(decoder, corpus.get("remote-log")!, seed, index)).toEqual({ input: bytesOf(hex), origin });
});

/** What is found of a decoder that takes 30 milliseconds for inputs from a length on, if 20 are allowed; and how often it did. */
async function findSlow(now: () => number, inputs: number, length: number) {
  let times = 0;
  const slow = (input: Uint8Array): void => {
    if (input.length < length) return;
    times++;
    const until = clock() + 30;
    while (clock() < until);
  };
  const decoder: Decoder = { name: "planted", mutate: mutateBytes, refusals: [], check: slow };
  const part = { seed: testSeed, first: 0, end: inputs, step: 1 };
  const limits = { ...bounds, milliseconds: 20, now };
  const { failures } = await runInputs(decoder, corpus.get("remote-log")!, part, limits, undefined, 1);
  return { failures, times };
}

test("a decoder that is slow is found, however often the machine is", async () => {
  const { failures } = await findSlow(clock, 400, 600);
  expect(failures).toMatchObject([{ why: expect.stringContaining("20 are allowed") }]);
});

test("a decoder that is only kept waiting for a processor is not slow", async () => {
  const { failures, times } = await findSlow(() => 0, 3, 0);
  expect(failures).toEqual([]);
  expect(times).toBeGreaterThanOrEqual(3);
  expect(clock()).toBeLessThanOrEqual(performance.now());
});

test("an input that failed is written to a file, from which it is read again", async () => {
  const folder = await temporaryFolder();
  const failure = { decoder: "page", origin: 1, seed: 2, index: 3, why: "it did", hex: "0aff" };
  const file = writeFailure(folder, failure);
  expect(file.endsWith("page-2-3.json")).toBe(true);
  rmSync(file);
});
