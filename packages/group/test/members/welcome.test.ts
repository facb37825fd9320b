import { formatLink } from "@remote-log/core";
import { decode, encode } from "cborg";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeWelcome, encodeWelcome, type Welcome } from "../../src/members/welcome.ts";

const link = (digit: string): string =>
  formatLink({ logId: digit.repeat(64), remotes: ["https://example.org/"] });
const card = {
  messages: link("a"),
  control: link("b"),
  attachments: link("c"),
  recipient: `age1${"q".repeat(58)}`,
  name: "Bob",
};
const member = { card, depth: 1, person: "a".repeat(64), admin: true, history: false };
const key = { epoch: 3, key: new Uint8Array(32).fill(7) };
const welcome: Welcome = {
  group: "d".repeat(64),
  members: [
    { ...member, messagesKey: key, controlKey: { ...key, epoch: 0 } },
    { ...member, controlKey: key },
    member,
  ],
};
const malformed = expect.objectContaining({ code: "ERR_MALFORMED" });

test("a welcome has one encoding, and anything else is refused", () => {
  expect(decodeWelcome(encodeWelcome(welcome))).toEqual(welcome);
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 255 }), (at, value) => {
      const bytes = encodeWelcome(welcome);
      bytes[at % bytes.length] = value;
      try {
        expect(encodeWelcome(decodeWelcome(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_MALFORMED" });
      }
    }),
  );
});

/** The parts of a welcome: form, group, and the first member. */
const [form, group, [one]] = decode(encodeWelcome(welcome)) as [number, string, [unknown[]]];
const withKey = (wrong: unknown): unknown => [form, group, [[...one.slice(0, 6), wrong]]];

test.each<[string, unknown]>([
  ["of another form", [2, group, [one]]],
  ["with something after it", [form, group, [one], 0]],
  ["of a group that is none", [form, "group", [one]]],
  ["with a member that is none", [form, group, [7]]],
  ["with more members than there can be", [form, group, Array(201).fill(one)]],
  ["with a short key", withKey([0, new Uint8Array(31)])],
  ["with a key that is no list", withKey(0)],
])("a welcome %s is refused", (_, parts) => {
  expect(() => decodeWelcome(encode(parts))).toThrow(malformed);
});

test.each<[string, unknown]>([
  ["null", null],
  ["a text", "1"],
  ["a newer form", [2, group, [one]]],
])("a welcome of %s says that it is of no form that is known", (_, parts) => {
  expect(() => decodeWelcome(encode(parts))).toThrow(
    expect.objectContaining({
      code: "ERR_MALFORMED",
      message: expect.stringContaining("is not of the form"),
    }),
  );
});
