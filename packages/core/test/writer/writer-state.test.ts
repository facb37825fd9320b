// What the parts of a writer share: what was opened, and whether it may be used at present.

import { expect, test } from "vitest";
import { ClosedError, RestoredError } from "../../src/index.ts";
import { WriterState } from "../../src/writer/writer-state.ts";
import { nameOn, placeWith, publishedPlace } from "./name-on-remote.ts";

test("it begins as the journal was opened", async () => {
  const { state, progress, closing, close } = await nameOn(await placeWith(3));
  expect([state.size, state.tree.size, state.recovering, state.incomplete]).toEqual([3, 3, false, false]);
  expect([state.progress === progress, state.closing === closing.signal]).toEqual([true, true]);
  expect(state.genesis.logId).toMatch(/^[0-9a-f]{64}$/);
  expect([state.journal, state.sealing, state.signer, state.witnessed]).not.toContain(undefined);
  const acknowledged = {
    logId: state.genesis.logId,
    size: 3,
    root: new Uint8Array(32),
    signed: 0,
    recoveries: 0,
  };
  const { journal, genesis, keys, sealing, epochs, signer, manifests, times, tree, incomplete, witnessed } =
    state;
  const log = {
    genesis,
    keys,
    sealing,
    epochs,
    signer,
    manifests,
    times,
    tree,
    incomplete,
    witnessed,
    acknowledged,
  };
  expect(new WriterState(journal, log, { progress, closing: closing.signal }).acknowledged).toBe(
    acknowledged,
  );
  expect(() => state.throwIfUnusable()).not.toThrow();
  await close();
});

test("while a recovery is not finished it may not be used, and says what to do; once it is closed, that comes first", async () => {
  const { state, closing } = await nameOn(await placeWith(3));
  state.recovering = true;
  const refusal = (): RestoredError => {
    try {
      state.throwIfUnusable();
    } catch (error) {
      return error as RestoredError;
    }
    return expect.unreachable();
  };
  expect(refusal()).toBeInstanceOf(RestoredError);
  expect(refusal()).toMatchObject({ operation: "writer.append", local: 3, published: 0 });
  const begun = refusal().message;
  state.incomplete = true;
  expect(refusal().message).not.toBe(begun);
  for (const message of [begun, refusal().message]) expect(message).toContain("call recover()");
  await state.signer.sign(state.tree);
  closing.abort(new ClosedError("Closed.", { operation: "writer.close" }));
  expect(refusal()).toBeInstanceOf(ClosedError);
});

test("while a recovery is not finished it says how much was signed", async () => {
  const { state, close } = await nameOn(await publishedPlace(3));
  state.recovering = true;
  expect(() => state.throwIfUnusable()).toThrow(expect.objectContaining({ local: 3, published: 3 }));
  await close();
});
