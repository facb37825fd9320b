// What is no entry of a control log, and what each error says.

import { formatLink, ReadKey } from "@remote-log/core";
import { encode } from "cborg";
import { expect, test } from "vitest";
import { cardParts, decodeCard, decodeRecord, encodeRecord, isName } from "../../src/members/records.ts";
import { added, cardOf, idOf, recipient } from "./cards.ts";

const parts = cardParts(cardOf(1));
const withKey = formatLink({
  logId: "ab".repeat(32),
  remotes: ["https://example.org/"],
  key: new ReadKey(new Uint8Array(32).fill(1)),
});
const changed = (at: number, wrong: unknown): unknown => [
  1,
  0,
  parts.map((part, i) => (i === at ? wrong : part)),
];
const invite = [1, 1, 3, true, true, true, 9];
const invited = (at: number, wrong: unknown): unknown => invite.map((part, i) => (i === at ? wrong : part));
const give = (...given: unknown[]): unknown => [1, 2, parts, false, 0, false, true, given];

test.each<[string, unknown, string]>([
  ["null", null, "is not of the form"],
  ["a text", "1", "is not of the form"],
  ["a newer form", [2, 4, 0], "is not of the form"],
  ["a kind that there is not", [1, 5, 0], "is of a kind that this version does not know"],
  ["a part more", [1, 4, 0, 0], "is encoded in another way"],
  ["no card", [1, 0, 7], "in place of a list"],
  ["a card of a number", changed(0, 7), "in place of a text"],
  ["a card with no link", changed(1, "https://example.org/"), "has a link that is none"],
  ["a card with a key", changed(2, withKey), "has a link with a key"],
  ["a recipient with something before it", changed(3, ` ${recipient}`), "has a card without a recipient"],
  ["a recipient with something behind it", changed(3, `${recipient}q`), "has a card without a recipient"],
  ["an empty name", changed(4, ""), "has a card without a name"],
  ["a text for a number", invited(2, "3"), "in place of a number"],
  ["half a number", invited(2, 0.5), "in place of a number"],
  ["a number below zero", invited(2, -1), "in place of a number"],
  ["a number that is too large", invited(6, 2 ** 48), "in place of a number"],
  ["a number for yes or no", invited(3, 1), "in place of yes or no"],
  ["a text for yes or no", invited(5, "true"), "in place of yes or no"],
  ["a member with something before it", [1, 3, `0${idOf(1, "a")}`, 0, 0], "in place of a log id"],
  ["a member with something behind it", [1, 3, `${idOf(1, "a")}0`, 0, 0], "in place of a log id"],
  ["a member in capitals", [1, 3, idOf(1, "a").toUpperCase(), 0, 0], "in place of a log id"],
  ["given keys that are no list", [1, 2, parts, false, 0, false, true, 7], "in place of a list"],
  ["given keys of a number", give(7), "in place of 8 bytes"],
  ["given keys of nothing", give(null), "in place of 8 bytes"],
  ["given keys of a member with a short id", give([new Uint8Array(7), 0, 0]), "in place of 8 bytes"],
  ["given keys of a member with a text", give(["x".repeat(8), 0, 0]), "in place of 8 bytes"],
  ["given keys of a member with eight numbers", give([Array(8).fill(0), 0, 0]), "in place of 8 bytes"],
  [
    "given keys for 201 members",
    give(...Array(201).fill([new Uint8Array(8), 0, 0])),
    "names more than 200 members",
  ],
])("a record of %s is refused, and the error says why", (_, wrong, why) => {
  expect(() => decodeRecord(encode(wrong))).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED", message: expect.stringContaining(why) }),
  );
});

test("there is room for the keys of 200 members, and for numbers of 48 bits", () => {
  const given = Array.from({ length: 200 }, (_, i) => ({
    member: i.toString(16).padStart(16, "0"),
    control: i,
  }));
  const record = { ...added(1), invite: 2 ** 48 - 1, given };
  expect(decodeRecord(encodeRecord(record))).toEqual(record);
});

test.each<[string, unknown, string]>([
  ["null", null, "is not of the form"],
  ["a newer form", [2, parts], "is not of the form"],
  ["a part more", [1, parts, 0], "is encoded in another way"],
  ["nothing", [1], "in place of a list"],
])("a card of %s is refused, and the error says why", (_, wrong, why) => {
  expect(() => decodeCard(encode(wrong))).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED", message: expect.stringContaining(why) }),
  );
});

test("a name has 1 to 64 printable characters", () => {
  expect([isName("x"), isName("x".repeat(64)), isName("Grüße, Ω")]).toEqual([true, true, true]);
  expect([isName(""), isName("x".repeat(65)), isName("a\u0000"), isName("\u202e")]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
