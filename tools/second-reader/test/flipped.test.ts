// Storage that flips a byte gets nobody to read something else than was written.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sample } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { openFolder, Refused, type Remote, readLog } from "../index.mjs";
import { bytesOf, contentOf, shown, type WrittenLog, writeLog } from "./written-log.ts";

let log: WrittenLog;
let key: Uint8Array;
let written: string[];

beforeAll(async () => {
  log = await writeLog({ leafSize: 2, fanOut: 2 }, { rotateKey: { afterEntries: 6 } });
  await log.writer.setRemotes(["file:///a"]);
  for (let i = 0; i < 15; i++) {
    await log.writer.append(contentOf(i));
    await log.writer.publish();
  }
  await log.writer.remove([2, 13]);
  await log.writer.publish();
  key = log.writer.readKey!.toBytes();
  written = shown(log.read().entries());
  expect(written.filter((entry) => entry.endsWith(" removed"))).toEqual(["2 removed", "13 removed"]);
  await log.writer.close();
});

/** What was read is what was written, or nothing at all; only withheld or unopened contents may be less. */
function readsNothingElse(remote: Remote, what: string): "refused" | "less" | "all" {
  let entries: string[];
  try {
    entries = shown(readLog({ remote, logId: bytesOf(log.writer.logId), key }).entries());
  } catch (error) {
    if (error instanceof Refused) return "refused";
    throw error;
  }
  expect(entries.length, what).toBe(written.length);
  let less = false;
  entries.forEach((entry, i) => {
    if (entry === written[i]) return;
    less = true;
    expect(entry, what).toMatch(/^[0-9]+ (?:withheld|key-missing|wrong-key)$/);
  });
  return less ? "less" : "all";
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1 << (at % 8);
  return copy;
}

test("a flipped byte in any file", () => {
  const places = filesIn(log.root).flatMap((path) => {
    const size = readFileSync(path).length;
    return sample(
      path.slice(log.root.length),
      Array.from({ length: size }, (_, at) => ({ path, at })),
      6,
    );
  });
  const verdicts = new Set<string>();
  for (const { path, at } of places) {
    const bytes = new Uint8Array(readFileSync(path));
    writeFileSync(path, flipped(bytes, at));
    verdicts.add(readsNothingElse(openFolder(log.root), `${path} ${at}`));
    writeFileSync(path, bytes);
  }
  // "all": files of older revisions of the name, and objects that nothing leads to any more.
  expect([...verdicts].sort()).toEqual(["all", "refused"]);
});

const digestOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

// Nothing signs addresses. So storage can change an object, and every address on the way to it.
test("a flipped byte in any object, under its own right address, with all that leads to it made to fit", () => {
  const objects = new Map<string, Buffer>(
    filesIn(join(log.root, "contents")).map((path) => {
      const bytes = readFileSync(path);
      return [digestOf(bytes).toString("hex"), bytes] as const;
    }),
  );
  const head = Buffer.from(openFolder(log.root).nameOf(bytesOf(log.writer.logId))!);

  /** A remote on which an object is another, and those that lead to it lead there. */
  const remoteWith = (digest: string, other: Buffer): Remote => {
    const changed = new Map(objects);
    let top: Buffer = head;
    const replace = (from: Buffer, to: Buffer, inBytes: Buffer): Buffer => {
      const copy = Buffer.from(inBytes);
      for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1)) to.copy(copy, at);
      return copy;
    };
    const put = (was: string, bytes: Buffer): void => {
      const [from, to] = [Buffer.from(was, "hex"), digestOf(bytes)];
      changed.set(to.toString("hex"), bytes);
      top = replace(from, to, top);
      for (const [parent, content] of objects)
        if (content.includes(from)) put(parent, replace(from, to, changed.get(parent) ?? content));
    };
    put(digest, other);
    return {
      read: (address) => changed.get(Buffer.from(address.subarray(4)).toString("hex")),
      nameOf: () => top,
    };
  };

  let refused = 0;
  for (const [digest, bytes] of objects) {
    const places = sample(digest, Array.from(bytes.keys()), 10);
    for (const at of places) {
      const remote = remoteWith(digest, Buffer.from(flipped(bytes, at)));
      if (readsNothingElse(remote, `${digest} ${at}`) === "refused") refused++;
    }
  }
  expect(refused).toBeGreaterThan(objects.size);
  for (const at of sample("head", Array.from(head.keys()), 200)) {
    const nameOf = () => flipped(head, at);
    readsNothingElse({ ...openFolder(log.root), nameOf }, `head ${at}`);
  }
});
