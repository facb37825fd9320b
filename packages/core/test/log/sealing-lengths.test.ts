// Contents of every length are sealed and opened alike, and what is opened belongs to whoever gets it.

import { expect, test } from "vitest";
import { createGenesis, defaultSettings } from "../../src/log/genesis.ts";
import { ReadKey } from "../../src/log/read-key.ts";
import { leftSealed, sealingOf } from "../../src/log/sealing-of.ts";

const signingKey = new Uint8Array(32).fill(9);
const key = new ReadKey(new Uint8Array(32).fill(1));
const closed = createGenesis({ ...defaultSettings, signingKey });
const open = createGenesis({ ...defaultSettings, visibility: "public", signingKey });

test.each([0, 1, 1000, 4079, 4080, 4096, 5000, 70_000, 300_000])(
  "a content of %i bytes comes back, and its hash is the one that its identifier leads to",
  (length) => {
    const content = new Uint8Array(length).fill(5);
    for (const log of [closed, open]) {
      const sealing = sealingOf(log, key);
      const { id, localHash, stored, contentHash } = sealing.seal(3, content);
      expect(sealing.contentHash(content, sealing.identify(3, content))).toEqual(contentHash);
      const opened = sealing.open(3, { localHash, stored });
      expect(opened.id).toEqual(id);
      expect(Buffer.compare(opened.content, content)).toBe(0);
    }
  },
);

test("what was opened, or left sealed, is a copy", () => {
  const { localHash, stored } = sealingOf(open, undefined).seal(0, Uint8Array.of(1, 2, 3));
  for (const opened of [
    sealingOf(open, undefined).open(0, { localHash, stored }),
    leftSealed.open(0, { localHash, stored }),
  ]) {
    const before = [...localHash];
    opened.content.fill(0);
    opened.id.fill(0);
    expect([[...stored], [...localHash]]).toEqual([[1, 2, 3], before]);
  }
});
