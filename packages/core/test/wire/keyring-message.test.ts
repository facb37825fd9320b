// What is sealed for the readers of an epoch: padded, so that its length tells little.

import { expect, test } from "vitest";
import { decodeKeyring, encodeKeyring } from "../../src/wire/keyring-message.ts";
import { pack } from "./messages.ts";

const log = new Uint8Array(32).fill(5);
const key = new Uint8Array(32).fill(7);

test("messages are the next multiple of 256 bytes that there can be, whatever they hold", () => {
  let longer = 0;
  for (let length = 0; length < 700; length++) {
    const message = { log, epoch: 5, key, history: new Uint8Array(length).fill(1) };
    const encoded = encodeKeyring(message);
    expect(encoded.length % 256).toBe(0);
    // Besides the history there are at most 74 bytes.
    if (encoded.length - length > 74 + 256) longer++;
    expect(encoded.length - length).toBeLessThanOrEqual(74 + 512);
    if (length % 50 === 0 || encoded.length - length < 78) expect(decodeKeyring(encoded)).toEqual(message);
  }
  // Two gaps of 256 can't be filled: of one byte, which stays within that bound, and the one between two lengths of a length.
  expect(longer).toBe(3);
});

test("a log id and a key have 32 bytes", () => {
  for (const length of [0, 31, 33])
    for (const wrong of [{ log: new Uint8Array(length) }, { key: new Uint8Array(length) }]) {
      const encoded = encodeKeyring({ log, epoch: 5, key, history: new Uint8Array(0), ...wrong });
      expect(() => decodeKeyring(encoded)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
    }
});

test("each field is there once, and a refusal names the one that is there twice", () => {
  const message = encodeKeyring({ log, epoch: 5, key, history: Uint8Array.of(1) });
  for (const [field, name] of [
    [1, "log"],
    [3, "key"],
    [4, "history"],
    [15, "padding"],
  ] as const) {
    const element = Uint8Array.of(8 * field + 2, 1, 9);
    const twice = pack(field === 15 ? [message, element] : [element, element]);
    expect(() => decodeKeyring(twice)).toThrow(
      expect.objectContaining({
        code: "ERR_MALFORMED",
        message: expect.stringContaining(`field ${name} of message Keyring`),
      }),
    );
  }
});
