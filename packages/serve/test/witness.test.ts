// `add-checkpoint` of C2SP tlog-witness, answer by answer.

import { createHash } from "node:crypto";
import {
  checkpointOrigin,
  formatConsistencyProof,
  memoryReaderStore,
  openReader,
  parseSignedNote,
} from "@remote-log/core";
import {
  Cosigner,
  type CosignerStore,
  cosignedAt,
  cosignerSecretText,
  parseCosignerSecret,
} from "@remote-log/core/cosign";
import { expect, test } from "vitest";
import { serving, written } from "./served.ts";

async function witnessed(store: CosignerStore = memoryReaderStore()) {
  const log = await written(5);
  const secret = await cosignerSecretText("witness.example/w", new Uint8Array(32).fill(9));
  const witness = new Cosigner({ ...(await parseCosignerSecret(secret)), store });
  const running = await serving({ logs: [{ logId: log.logId, remotes: [log.remote] }], witness });
  await running.happens(log.logId, "mirrored");
  const reader = await openReader({ logId: log.logId, remotes: [log.remote], withoutKey: "sealed" });
  const note = async (): Promise<string> => {
    await reader.sync();
    return reader.checkpoint!;
  };
  const proofFrom = async (size: number): Promise<string> => {
    const { first, second, path } = await reader.consistencyProof(size);
    return formatConsistencyProof({ first, second, path }).split("\n").slice(2).join("\n");
  };
  const post = async (body: string): Promise<{ status: number; type: string | null; text: string }> => {
    const answer = await running.get("/add-checkpoint", { method: "POST", body });
    return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
  };
  return { log, witness, note, proofFrom, post, get: running.get, reader };
}

test("a witness signs what it can prove to extend what it signed, and tells the size that it signed if it is another", async () => {
  const { log, witness, note, proofFrom, post, get } = await witnessed();
  const monitored = `/witness/${createHash("sha256").update(checkpointOrigin(log.logId)).digest("hex")}/checkpoint`;
  expect((await get(monitored)).status).toBe(404);
  const first = await note();
  const signed = await post(`old 0\n\n${first}`);
  expect(signed.status).toBe(200);
  expect(signed.text).toMatch(/^\u2014 witness\.example\/w \S+\n$/);
  expect(await cosignedAt(parseSignedNote(first + signed.text), witness)).toBeGreaterThan(0);
  expect(await (await get(monitored)).text()).toBe(first + signed.text);

  await log.append(4);
  const second = await note();
  expect(await post(`old 0\n\n${second}`)).toMatchObject({
    status: 409,
    type: "text/x.tlog.size",
    text: "5\n",
  });
  const proof = await proofFrom(5);
  expect((await post(`old 5\n${proof}\n${second}`)).status).toBe(200);
  expect((await post(`old 5\n${proof}\n${second}`)).text).toBe("9\n");
  // The same again, with nothing to prove.
  expect((await post(`old 9\n\n${second}`)).status).toBe(200);
  expect((await post(`old 9\n${proof}\n${second}`)).status).toBe(422);
  expect((await post(`old 9\n\n${first}`)).status).toBe(400);
});

test("what is malformed is 400, of another log 404, badly signed 403, and badly proven 422; nothing of it is signed", async () => {
  const { log, witness, note, proofFrom, post } = await witnessed();
  const first = await note();
  expect((await post(`old 0\n\n${first}`)).status).toBe(200);
  const kept = await witness.signed(checkpointOrigin(log.logId));
  await log.append(4);
  const second = await note();
  const proof = await proofFrom(5);
  const wrong = proof.replace(/^./, (digit) => (digit === "A" ? "B" : "A"));
  const hashes = Array.from({ length: 64 }, () => `${"A".repeat(43)}=\n`).join("");
  for (const [status, body] of [
    [400, ""],
    [400, "old 5"],
    [400, `old 05\n${proof}\n${second}`],
    [400, `old -5\n${proof}\n${second}`],
    [400, `old 5\nx\n\n${second}`],
    [400, `old 5\n${hashes}\n${second}`],
    [400, `old 5\n${proof}\nno note\n`],
    [404, `old 5\n${proof}\n${second.replaceAll(log.logId, "0".repeat(64))}`],
    [403, `old 5\n${proof}\n${second.replace(/\u2014 (\S+) (\S{8})/, "\u2014 $1 AAAA$2")}`],
    [403, `old 5\n${proof}\n${second.replace("\n9\n", "\n8\n")}`],
    [422, `old 5\n${wrong}\n${second}`],
    [422, `old 5\n\n${second}`],
    [413, `old 5\n${"A".repeat(140_000)}\n\n${second}`],
  ] as const)
    expect((await post(body)).status, body.slice(0, 60)).toBe(status);
  expect(await witness.signed(checkpointOrigin(log.logId))).toBe(kept);
});

test("if another process with the key signs between the look and the signature, the size that it signed is told", async () => {
  const kept = memoryReaderStore();
  let reads = 0;
  let meanwhile = async (): Promise<unknown> => undefined;
  const { log, note, proofFrom, post, reader } = await witnessed({
    get: async (key) => {
      // The first read is the look; before the second, the other signs.
      if (++reads === 2) await meanwhile();
      return kept.get(key);
    },
    compareAndSet: (...words) => kept.compareAndSet(...words),
  });
  const secret = await cosignerSecretText("witness.example/w", new Uint8Array(32).fill(9));
  const other = new Cosigner({ ...(await parseCosignerSecret(secret)), store: kept });
  const sign = async (signed: string): Promise<unknown> =>
    other.cosign({ note: signed, logKey: reader.signingKey!, extends: async () => true });
  await sign(await note());
  await log.append(4);
  const between = await note();
  meanwhile = () => sign(between);
  await log.append(3);
  const last = await note();
  expect(await post(`old 5\n${await proofFrom(5)}\n${last}`)).toMatchObject({ status: 409, text: "9\n" });
});
