import { expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { createGenesis, defaultSettings, type GenesisSettings } from "../../src/log/genesis.ts";
import type { Sealed, Sealing } from "../../src/log/sealing.ts";
import { sealingOf } from "../../src/log/sealing-of.ts";
import { encodeMvdsMessage, mvdsMessageId } from "../../src/wire/mvds-message.ts";

const message = {
  groupId: new Uint8Array(32).fill(1),
  timestamp: 5n,
  body: Uint8Array.of(1, 2),
  parents: [],
  ephemeral: false,
};
const content = encodeMvdsMessage(message);
const integrity = expect.objectContaining({ code: "ERR_INTEGRITY" });

function sealing(settings: Partial<GenesisSettings> = {}): Sealing {
  const genesis = createGenesis({
    ...defaultSettings,
    visibility: "public",
    ...settings,
    signingKey: new Uint8Array(32),
  });
  return sealingOf(genesis, undefined);
}

test.each([
  ["sha256", sha256(content)],
  ["mvds", mvdsMessageId(message)],
] as const)(
  "a public log with %s identifiers stores the content itself, under its identifier",
  (kind, id) => {
    const log = sealing({ identifiers: kind });
    const sealed = log.seal(3, content);
    expect(sealed).toEqual({ id, localHash: id, stored: content, contentHash: sha256(content) });
    expect(log.open(3, sealed)).toEqual({ id, content });
    expect(() => log.open(3, { ...sealed, localHash: new Uint8Array(32) })).toThrow(integrity);
  },
);

test("a private log without a key is refused with ERR_NO_KEY", () => {
  expect(() => sealing({ visibility: "private" })).toThrow(
    expect.objectContaining({ code: "ERR_NO_KEY", reason: "no-key" }),
  );
});

test("a content that is no MVDS message is not sealed, and one that is stored was forged", () => {
  const log = sealing({ identifiers: "mvds" });
  const stored = Uint8Array.of(255);
  expect(() => log.seal(3, stored)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
  const forged = { localHash: new Uint8Array(32), stored };
  expect(() => log.open(3, forged)).toThrow(integrity);
});

test("a fault of the program is not taken for a forged entry", () => {
  const log = sealing({ identifiers: "mvds" });
  expect(() => log.open(3, {} as Sealed)).toThrow(TypeError);
});
