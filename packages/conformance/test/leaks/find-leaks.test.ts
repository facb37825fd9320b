import { randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { findLeaks, type LeakForm } from "../../src/leaks/index.ts";

const secret = {
  name: "the key",
  bytes: Buffer.from("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c", "hex"),
};

function leaksIn(bytes: Uint8Array | string): ReturnType<typeof findLeaks> {
  return findLeaks({ secrets: [secret], traces: [{ name: "a request", bytes: Buffer.from(bytes) }] });
}

test("8 bytes of a secret are found wherever they are, and 7 are not", () => {
  for (let from = 0; from + 8 <= secret.bytes.length; from++) {
    for (const before of [0, 1, 7, 1000]) {
      const piece = secret.bytes.subarray(from, from + 8);
      const hidden = Buffer.concat([new Uint8Array(before), piece, new Uint8Array(9)]);
      expect(leaksIn(hidden)).toEqual([
        { secret: "the key", trace: "a request", form: "bytes", offset: before, pieces: 1 },
      ]);
      expect(leaksIn(Buffer.concat([new Uint8Array(before), piece.subarray(1), new Uint8Array(9)]))).toEqual(
        [],
      );
    }
  }
  expect(leaksIn(secret.bytes)).toMatchObject([{ offset: 0, pieces: 17 }]);
});

test("8 bytes are found in hexadecimal digits and in base64 at any place of any other text, and 7 are not", () => {
  for (let before = 0; before < 4; before++) {
    // Zeros, which the secret has none of: a random neighbour would lengthen the piece by its own next byte now and then.
    const at = (size: number): Buffer =>
      Buffer.concat([new Uint8Array(before), secret.bytes.subarray(3, 3 + size), new Uint8Array(5)]);
    for (const [form, coding] of [
      ["hexadecimal", "hex"],
      ["base64", "base64"],
      ["base64", "base64url"],
    ] as const) {
      const written = at(8).toString(coding);
      for (const text of [
        written,
        `token=${written}&more`,
        `x${written}`,
        `${"Z".repeat(2)}${written}`,
        `abc${written}`,
      ])
        expect(leaksIn(text), text).toContainEqual(expect.objectContaining({ form }));
      expect(leaksIn(`x ${at(7).toString(coding)}`)).toEqual([]);
    }
    expect(leaksIn(at(8).toString("hex").toUpperCase())).toMatchObject([{ form: "hexadecimal" }]);
  }
});

// The words are Python's (base64.b32encode) and those of a division by hand.
test.each<[LeakForm, string]>([
  ["base32", "T6DNBAMIJR6WLGRP5KQMKWWQCWR36TY3FMFYELA="],
  ["base32", "/ipfs/bafkt6dnbamijr6wlgrp5kqmkwwqcwr36ty3fmfyela"],
  ["base36", "name=k10rmhi86e5p8toemut5r7npt6y02wyykfcsxt8&x"],
  ["base58", "FYVwaMa5CXDG9t57vT28JU1e7mQWcVnwm"],
  ["base58", "zFYVwaMa5CXDG9t57vT28JU1e7mQWcVnwm and more"],
  ["numbers", `{"data":[1, 2, ${secret.bytes.join(", ")}, 3]}`],
  ["numbers", [...secret.bytes].join(",")],
  ["percent-escapes", secret.bytes.toString("hex").replace(/../g, "%$&")],
])("a secret is found as %s", (form, text) => {
  expect(leaksIn(text)).toContainEqual(expect.objectContaining({ form }));
});

test("what is base64 behind percent-escapes is found", () => {
  const bytes = Buffer.from("fbefbefbefbefbefbefbefbe", "hex");
  const escaped = `?token=${encodeURIComponent(bytes.toString("base64"))}`;
  expect(escaped).toContain("%2B");
  const traces = [{ name: "a URL", bytes: Buffer.from(escaped) }];
  expect(findLeaks({ secrets: [{ name: "bytes", bytes }], traces })).toMatchObject([
    { form: "percent-escapes" },
  ]);
});

test("random bytes, and their texts in every form, hold nothing of other random bytes", () => {
  const secrets = [{ name: "random", bytes: randomBytes(20_000) }];
  const other = Buffer.from(randomBytes(30_000));
  const texts = ["latin1", "hex", "base64", "base64url"] as const;
  const traces = texts.map((form) => ({
    name: form,
    bytes: Buffer.from(other.toString(form), form === "latin1" ? "latin1" : "utf8"),
  }));
  expect(findLeaks({ secrets, traces })).toEqual([]);
});

test("of a secret that is too short nothing could be found, and it is refused", () => {
  const secrets = [{ name: "a PIN", bytes: new Uint8Array(7) }];
  expect(() => findLeaks({ secrets, traces: [] })).toThrow(/"a PIN" has 7 bytes/);
  expect(findLeaks({ secrets: [secret], traces: [] })).toEqual([]);
});

test("leaks say where, and nothing of what", () => {
  const shown = JSON.stringify(leaksIn(`${secret.bytes.toString("hex")} ${secret.bytes.toString("base64")}`));
  for (const form of ["hex", "base64"] as const) expect(shown).not.toContain(secret.bytes.toString(form));
});
