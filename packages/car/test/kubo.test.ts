// A real Kubo node takes in the file of a log that never was on IPFS, and gives it back.

import { rawSha256 } from "@remote-log/core";
import { serverOrSkip, startKubo } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { carRemote, logsInCar } from "../src/index.ts";
import { carLog, contentsOf, exported } from "./car-log.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("a Kubo node", async () => {
  if (skip) return;
  const node = await startKubo();
  atEnd(() => node.stop());
  const log = await carLog(40);
  const { file, result } = await exported(log);
  await log.writer.close();

  async function command(path: string, body?: Uint8Array): Promise<Uint8Array> {
    const form = new FormData();
    if (body !== undefined) form.append("file", new Blob([new Uint8Array(body)]));
    const init = body === undefined ? { method: "POST" } : { method: "POST", body: form };
    const response = await fetch(`${node.rpc}/api/v0/${path}`, init);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) throw new Error(new TextDecoder().decode(bytes));
    return bytes;
  }

  test("imports every block, pins the root, and serves each by its hash", async () => {
    const answer = new TextDecoder().decode(await command("dag/import?stats=true&pin-roots=true", file));
    const lines = answer
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, never>);
    expect(lines).toMatchObject([
      { Root: { Cid: { "/": `${result.root}` }, PinErrorMsg: "" } },
      { Stats: { BlockCount: result.blocks } },
    ]);
    for await (const address of carRemote({ file }).storage.list!()) {
      const block = await command(`block/get?arg=${address}&offline=true`);
      expect(await rawSha256.digest(block)).toEqual(address.digest);
    }
  });

  test("exports the root as a file that is read, in which the rest is missing", async () => {
    const back = await command(`dag/export?arg=${result.root}&progress=false`);
    expect(await logsInCar(back)).toEqual([log.logId]);
    // The head is raw bytes to IPFS, so that it follows none of its addresses.
    const { storage } = carRemote({ file: back });
    const addresses: string[] = [];
    for await (const address of storage.list!()) addresses.push(`${address}`);
    expect(addresses).toEqual([`${result.root}`]);
    expect(contentsOf(0, 1).length).toBe(1);
  });

  test("refuses a file of which a block was changed", async () => {
    const damaged = file.map((byte, i) => (i === file.length - 1 ? byte ^ 1 : byte));
    const text = await command("dag/import", damaged).then(
      (bytes) => new TextDecoder().decode(bytes),
      (error: unknown) => String(error),
    );
    expect(text).toMatch(/mismatch in content integrity/);
  });
});
