import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText } from "../../src/adapter/index.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG";

test.each([
  "block was not found locally (offline): ipld: could not find bafkreidanpjy2ukjpfgjcmimqb4fvxxrqyv4a4blsnxecivygecylecfza",
  "existing IPNS record has sequence 2 >= new record sequence 1",
  "/ipns/k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8: not found",
  "connect ECONNREFUSED 127.0.0.1:5001",
  "GET http://127.0.0.1:5001/api/v0/block/get?arg=bafy&timeout=500ms: 500",
  "a token that was not expected, at 3:14",
  "",
])("the message %j stays as it is", (text) => {
  expect(cleanText(text)).toBe(text);
});

test.each([
  `Authorization: Bearer ${SECRET}`,
  `authorization: basic ${SECRET}`,
  `sent "Authorization": "${SECRET}" to the node`,
  `request with Bearer ${SECRET} was refused`,
  `AWS4-HMAC-SHA256 ${SECRET}, SignedHeaders=host`,
  `secretAccessKey=${SECRET}, and`,
  `{"token":"${SECRET}","code":7}`,
  `x-amz-security-token: ${SECRET}`,
  `?X-Amz-Signature=${SECRET}&X-Amz-Date=1`,
  `api_key=${SECRET}`,
  `X-Api-Key: ${SECRET}`,
  `password = '${SECRET}'`,
  `the passphrase: ${SECRET}`,
  `https://ann:${SECRET.replace("/", "%2F")}@host.example/x failed`,
  `session ${SECRET.repeat(5)} is over`,
])("what may be a secret is left out of %j", (text) => {
  for (const part of [SECRET, SECRET.replace("/", "%2F"), "wJalr"])
    expect(cleanText(text)).not.toContain(part);
  expect(cleanText(text)).toContain("…");
});

test("what stands around a secret stays", () => {
  expect(cleanText(`GET https://ann:${SECRET.slice(0, 12)}@host/x: token=${SECRET}, code 7`)).toBe(
    "GET https://…@host/x: token=…, code 7",
  );
});

test("whatever comes, the text has one line of at most 300 characters, and nothing that commands a terminal", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 600 }),
    fc.string({
      unit: fc.constantFrom("a", " ", "\u001b[31m", "\n", "token=", "://", "\u{1f600}", "\ud800"),
      maxLength: 900,
    }),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const clean = cleanText(text);
      expect(clean.length).toBeLessThanOrEqual(300);
      expect(clean).not.toMatch(/\p{C}/u);
    }),
  );
});

test("a text that was cut says so, and not in the midst of a character", () => {
  for (let before = 290; before < 303; before++) {
    const clean = cleanText(`${"ab ".repeat(200).slice(0, before)}${"\u{1f600}".repeat(20)}`);
    expect(clean.endsWith("…")).toBe(true);
    expect(clean).not.toMatch(/\p{Surrogate}/u);
  }
  expect(cleanText("ab ".repeat(100))).toBe("ab ".repeat(100));
});

test("a text that was cut has 300 characters, from its beginning on", () => {
  const text = "ab ".repeat(101);
  expect(cleanText(text)).toBe(`${text.slice(0, 299)}…`);
});

test("what stands on two lines stays two words", () => {
  expect(cleanText("not\r\nfound\tthere")).toBe("not found there");
});

test("a text that is made to be slow to clean is not: the test's own time would be over", () => {
  for (const piece of ["a", "a.", "token", "token ", "a://", "=", "bearer ", "token=token"]) {
    expect(cleanText(piece.repeat(200_000 / piece.length)).length).toBeLessThanOrEqual(300);
  }
});
