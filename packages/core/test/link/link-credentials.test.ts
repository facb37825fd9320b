// No remote of a link holds a user name or a password, however it is written.

import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLink, parseLink } from "../../src/index.ts";

const logId = "0f".repeat(32);

/** What the parser of the web makes of a URI as an adapter would hand it over: whole, without `ipfs+`, or as a parameter. */
function usersIn(uri: string): string[] {
  const query = uri.split("?").slice(1).join("?").split("#")[0]!;
  const values = query.split("&").map((pair) => pair.slice(pair.indexOf("=") + 1));
  const decoded = values.map((value) => {
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  });
  return [uri, uri.replace(/^(ipfs|bee)\+/, ""), ...values, ...decoded]
    .filter((text) => URL.canParse(text))
    .map((text) => new URL(text))
    .flatMap(({ username, password }) => [username, password])
    .filter((text) => text !== "");
}

/** A link whose remote is a URI exactly as it is: every character encoded. */
function linkTo(uri: string): string {
  const bytes = Array.from(new TextEncoder().encode(uri), (byte) => `%${byte.toString(16).padStart(2, "0")}`);
  return `rlog:${logId}?remote=${bytes.join("")}`;
}

test.each([
  "https:me:hunter2@host",
  "https:/me:hunter2@host",
  "https:///me:hunter2@host",
  "https:////me:hunter2@host/p",
  "https:me@host",
  "HTTPS://me:hunter2@host",
  "hTtP:me:hunter2@host",
  "https:\\\\me:hunter2@host",
  "https:\\me:hunter2@host",
  "ht\ttps://me:hunter2@host",
  "https://me\n:hunter2@host",
  "https://me%40home:hunter2@host",
  "https://:hunter2@host",
  "https://me:hunter2@",
  "https:///me:hunter2@",
  "ipfs+http:me:hunter2@host",
  "ipfs+http:///me:hunter2@host",
  "bee+https:/me:hunter2@host",
  "wss:me:hunter2@host",
  "s3:me:hunter2@bucket",
  "s3://me:hunter2@bucket/p",
  "x:me:hunter2@host",
  "s3://bucket?endpoint=https://me:hunter2@host",
  "s3://bucket?endpoint=https:me:hunter2@host",
  "s3://bucket?region=a&endpoint=https%3A%2F%2Fme%3Ahunter2%40host",
  "s3://bucket?endpoint=https:%5Cme:hunter2@host",
  "s3://bucket?endpoint=ht%09tps://me:hunter2@host",
  "s3://bucket?endpoint=ht%09tps://me@host",
  "s3://bucket?endpoint=ht%09tps://:hunter2@host",
  "s3://bucket?endpoint=%20https:me:hunter2@host",
  "ipns://k51?gateway=HTTPS:me:hunter2@host",
])("%j holds credentials, so no link takes it", (uri) => {
  expect(() => parseLink(linkTo(uri))).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
  expect(() => parseLink(linkTo(uri))).not.toThrow(/hunter2|host/);
  expect(() => formatLink({ logId, remotes: [uri] })).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
  );
});

test.each([
  "https://host/@me",
  "https://host/me:hunter2@x?a=b@c",
  "file:///srv/me@home",
  "file:///srv/http:me@home",
  "https://host/#@",
])("%j holds none", (uri) => {
  expect(usersIn(uri)).toEqual([]);
  expect(parseLink(linkTo(uri)).remotes).toEqual([uri]);
});

const pieces = (...list: string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...list), { maxLength: 4 }).map((chosen) => chosen.join(""));
const url = fc
  .tuple(
    fc.constantFrom("https", "HTTP", "ftp", "ws", "file", "s3", "x", "ipfs+http", "bee+https", "ht\tps"),
    pieces("/", "/", "\\", "%5C", "%2F", " ", "\t"),
    pieces("me", ":", "%3A", "1", "%", "\n", "?", "#", "/"),
    fc.constantFrom("", "@", "@", "%40"),
    pieces("h", "host", "/", ":1", "@", "?a=b"),
  )
  .map(([scheme, ...rest]) => `${scheme}:${rest.join("")}`);
const credentialed = fc.oneof(
  url,
  fc
    .tuple(url, fc.constantFrom("endpoint", "gateway", ""), url, fc.boolean())
    .map(([at, name, value, encoded]) => `${at}?${name}=${encoded ? encodeURIComponent(value) : value}`),
);

test("of no remote that a link takes does the parser of the web make a user or a password", () => {
  let taken = 0;
  let refused = 0;
  fc.assert(
    fc.property(credentialed, (uri) => {
      try {
        parseLink(linkTo(uri));
      } catch {
        if (usersIn(uri).length > 0) refused++;
        return;
      }
      taken++;
      expect(usersIn(uri)).toEqual([]);
    }),
    { numRuns: runs(2_000, 40_000) },
  );
  // It looked at both.
  expect(Math.min(taken, refused)).toBeGreaterThan(50);
});
