// What is stated to the witness: the newest of what was acknowledged, signed and recovered, and never less than before.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { JournalCorruptError } from "../../src/index.ts";
import { type JournalWitness, loadAcknowledged, WitnessRecord } from "../../src/journal/witness.ts";
import { text, textOf } from "../writer/log-contents.ts";
import { treeOf } from "./small-log.ts";

const root = new Uint8Array(32).fill(7);
const logId = "0a".repeat(32);
const held = { logId, size: 2, root, signed: 1, recoveries: 0 };
type Stated = {
  readonly size: number;
  readonly root: string;
  readonly signed: number;
  readonly recoveries: number;
};

/** A witness that keeps what it was told, and answers when it is let to. */
function witnessOf(more: Partial<JournalWitness> = {}) {
  const statements: Stated[] = [];
  const witness: JournalWitness = {
    load: async () => undefined,
    save: (statement) => void statements.push(JSON.parse(textOf(statement))),
    close: async () => undefined,
    ...more,
  };
  return { statements, witness, record: new WitnessRecord(witness, held) };
}

const last = (statements: readonly Stated[]) =>
  statements.map(({ size, signed, recoveries }) => [size, signed, recoveries]);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const load = (statement: Uint8Array | undefined) =>
  loadAcknowledged({ ...witnessOf().witness, load: async () => statement });

test("a statement is read as it was stated, and has room in 512 bytes whatever the numbers", async () => {
  let statement: Uint8Array | undefined;
  const largest = { logId, size: 2 ** 53 - 1, root, signed: 2 ** 53 - 1, recoveries: 2 ** 53 - 1 };
  for (const state of [held, largest, { ...held, size: 0, signed: 0 }]) {
    const { witness } = witnessOf({
      save: (bytes) => {
        statement = bytes;
      },
    });
    await new WitnessRecord(witness, state).renew();
    expect(statement!.length).toBeLessThanOrEqual(512);
    expect(await load(statement)).toEqual(state);
  }
  expect(await load(undefined)).toBeUndefined();
});

test("anything that is no statement of a writer is told as a damaged witness", async () => {
  const good = { version: 1, logId, size: 2, root: hex(root), signed: 1, recoveries: 0 };
  const read = (value: unknown) => load(text(typeof value === "string" ? value : JSON.stringify(value)));
  expect(await read(good)).toEqual(held);
  const wrong: unknown[] = [
    "",
    "{",
    "null",
    "7",
    [],
    {},
    { ...good, version: 2 },
    { ...good, version: undefined },
  ];
  for (const value of [undefined, 7, logId.slice(1), `${logId}0`, `0${logId}`, [logId], "x".repeat(64)])
    wrong.push({ ...good, logId: value });
  for (const name of ["size", "signed", "recoveries"])
    for (const value of [undefined, "1", -1, 0.5, 2 ** 53]) wrong.push({ ...good, [name]: value });
  for (const value of [undefined, 7, "", hex(root).slice(2), `${hex(root)}00`, "x".repeat(64)])
    wrong.push({ ...good, root: value });
  for (const value of wrong) {
    const error = await failure(read(value));
    expect([value, error]).toEqual([
      value,
      expect.objectContaining({ code: "ERR_JOURNAL_CORRUPT", reason: "witness" }),
    ]);
  }
});

test("a witness that can't be read is told: as damage if it says so, else with its cause", async () => {
  const loading = (error: Error) =>
    failure(loadAcknowledged({ ...witnessOf().witness, load: () => Promise.reject(error) }));
  const cause = new Error("EIO");
  expect(await loading(cause)).toMatchObject({
    code: "ERR_JOURNAL",
    cause,
    message: expect.stringContaining("could not be read."),
  });
  const damaged = new JournalCorruptError("damaged", { operation: "journal.open", reason: "witness" });
  expect(await loading(damaged)).toBe(damaged);
});

test("without a witness nothing is stated, and the state is known all the same", async () => {
  const record = new WitnessRecord(undefined, held);
  expect(record.prepare(treeOf(3))).toBeUndefined();
  expect(record.appended(undefined)).toBeUndefined();
  await record.signed(3);
  await record.renew();
  await record.recovered(treeOf(3), 2);
  expect(record.recoveries).toBe(1);
});

test("an append is stated as it was prepared, with what the witness made of it", async () => {
  const tree = treeOf(3);
  const { statements, record } = witnessOf();
  const prepared = record.prepare(tree);
  expect(statements).toEqual([]);
  await record.appended(prepared);
  expect(statements).toEqual([
    { version: 1, logId, size: 3, root: hex(tree.root()), signed: 1, recoveries: 0 },
  ]);

  const save = vi.fn<(statement: Uint8Array) => void>();
  const made = Uint8Array.of(1, 2, 3);
  const ready = witnessOf({ prepare: () => made, save });
  await ready.record.appended(ready.record.prepare(tree));
  expect(save.mock.calls).toEqual([[made]]);
  // Nothing was told that would be awaited.
  expect(ready.record.appended(ready.record.prepare(treeOf(4)))).toBeUndefined();
});

test("a checkpoint that is signed while an append is on its way is not taken back by it", async () => {
  const { statements, record } = witnessOf();
  const prepared = record.prepare(treeOf(3));
  await record.signed(2);
  await record.appended(prepared);
  await record.appended(record.prepare(treeOf(4)));
  expect(last(statements)).toEqual([
    [2, 2, 0],
    [3, 2, 0],
    [4, 2, 0],
  ]);
});

test("only a larger checkpoint is stated", async () => {
  const { statements, record } = witnessOf();
  for (const size of [0, 1, 5, 5, 4, 6]) await record.signed(size);
  expect(last(statements)).toEqual([
    [2, 5, 0],
    [2, 6, 0],
  ]);
});

test("a recovery is counted, and states its own tree and checkpoint, smaller or not", async () => {
  const { statements, record } = witnessOf();
  await record.recovered(treeOf(1), 0);
  await record.recovered(treeOf(8), 8);
  expect(last(statements)).toEqual([
    [1, 0, 1],
    [8, 8, 2],
  ]);
  expect(statements[1]!.root).toBe(hex(treeOf(8).root()));
  expect(record.recoveries).toBe(2);
});

/** A witness that answers each call when the test says so. */
function slowWitness() {
  const calls: { readonly size: number; readonly signed: number; answer: (error?: Error) => void }[] = [];
  const { record } = witnessOf({
    save: (statement) =>
      new Promise((resolve, reject) => {
        const { size, signed } = JSON.parse(textOf(statement));
        calls.push({ size, signed, answer: (error) => (error ? reject(error) : resolve()) });
      }),
  });
  const sizes = () => calls.map(({ size, signed }) => [size, signed]);
  return { calls, record, sizes };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the witness gets one statement after the other, each the newest of all", async () => {
  const { calls, record, sizes } = slowWitness();
  const first = record.appended(record.prepare(treeOf(3)));
  const second = record.signed(3);
  const third = record.appended(record.prepare(treeOf(5)));
  await turn();
  expect(sizes()).toEqual([[3, 1]]);
  calls[0]!.answer();
  await first;
  await turn();
  // What was appended meanwhile is stated with the signature.
  expect(sizes()).toEqual([
    [3, 1],
    [5, 3],
  ]);
  const further = record.signed(4);
  await turn();
  expect(sizes()).toHaveLength(2);
  calls[1]!.answer();
  await second;
  await turn();
  expect(sizes().slice(2)).toEqual([[5, 4]]);
  calls[2]!.answer();
  await third;
  await turn();
  calls[3]!.answer();
  await further;
  // Nothing is under way any more, so this one is told at once.
  const fourth = record.appended(record.prepare(treeOf(6)));
  expect(sizes().slice(4)).toEqual([[6, 4]]);
  calls[4]!.answer();
  await fourth;
});

test("a statement that could not be saved fails its own caller, and not the one behind it", async () => {
  const { calls, record, sizes } = slowWitness();
  const first = record.appended(record.prepare(treeOf(3)));
  const second = record.signed(3);
  const cause = new Error("No space left on device");
  const failed = failure(first as Promise<void>);
  calls[0]!.answer(cause);
  expect(await failed).toMatchObject({
    code: "ERR_JOURNAL",
    cause,
    message: expect.stringContaining("could not be written."),
  });
  await turn();
  expect(sizes()).toEqual([
    [3, 1],
    [3, 3],
  ]);
  calls[1]!.answer();
  await second;
});

test("a witness that throws at once fails the append with its cause, too", async () => {
  const cause = new Error("No space left on device");
  const { record } = witnessOf({
    save: () => {
      throw cause;
    },
  });
  const prepared = record.prepare(treeOf(3));
  expect(() => record.appended(prepared)).toThrow(expect.objectContaining({ code: "ERR_JOURNAL", cause }));
});
