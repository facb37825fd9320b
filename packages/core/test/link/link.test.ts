import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLink, isRemoteLogError, type LogLink, parseLink } from "../../src/index.ts";

const logId = "0f".repeat(32);
const root = new Uint8Array(32).fill(0xab);

test("a link is read as it was written, and says what it says in one way", () => {
  const link = {
    logId,
    remotes: [
      "file:///srv/my%20log",
      "s3://bucket/p?region=eu-west-1&endpoint=https://s3.example",
      "ipns://k51abc",
    ],
    floor: { size: 12, root },
  };
  const text = formatLink(link);
  expect(text).toBe(
    `rlog:${logId}?remote=file:///srv/my%2520log` +
      "&remote=s3://bucket/p%3Fregion%3Deu-west-1%26endpoint%3Dhttps://s3.example&remote=ipns://k51abc" +
      `&floor=12:${"ab".repeat(32)}`,
  );
  expect(parseLink(text)).toEqual(link);
  expect(formatLink(parseLink(text))).toBe(text);
});

test("remotes and floor may be left out, and a floor may be a size alone", () => {
  expect(parseLink(`rlog:${logId}`)).toEqual({ logId, remotes: [] });
  expect(formatLink({ logId, remotes: [] })).toBe(`rlog:${logId}`);
  expect(parseLink(`rlog:${logId}?floor=0`)).toEqual({ logId, remotes: [], floor: { size: 0 } });
  expect(formatLink({ logId, remotes: [], floor: { size: 0 } })).toBe(`rlog:${logId}?floor=0`);
});

test("characters that a URI can have may stand as they are, too", () => {
  const { remotes } = parseLink(`rlog:${logId}?remote=ipfs+http://127.0.0.1:5001?name=k51abc`);
  expect(remotes).toEqual(["ipfs+http://127.0.0.1:5001?name=k51abc"]);
});

/** Different URIs of these lengths. */
const urisOf = (...lengths: readonly number[]): string[] =>
  lengths.map((length, i) => `a:${i}.`.padEnd(length, "b"));

test("a link of 32,768 characters is written and read, and one of a character more is neither", () => {
  // Before each URI stand eight characters.
  const lengths = new Array<number>(15).fill(2040);
  const fitting = { logId, remotes: urisOf(...lengths, 32_768 - 69 - 15 * 2048 - 8) };
  const text = formatLink(fitting);
  expect(text).toHaveLength(32_768);
  expect(parseLink(text)).toEqual(fitting);
  expect(() => parseLink(`${text}b`)).toThrow("it has 32769 characters");
  expect(() =>
    formatLink({ logId, remotes: [...fitting.remotes.slice(0, -1), `${fitting.remotes.at(-1)}b`] }),
  ).toThrow("it has 32769 characters");
});

test("32 remotes fit, and a URI of 2,048 characters", () => {
  const most = { logId, remotes: urisOf(...new Array<number>(31).fill(10), 2048) };
  expect(parseLink(formatLink(most))).toEqual(most);
});

test("the error says what is wrong with a text that is no link", () => {
  expect(() => parseLink(`http:${logId}`)).toThrow("it does not begin with rlog:");
  expect(() => parseLink(`rlog:${logId}?floor=1&key=1`)).toThrow(
    "it has a parameter other than remote and floor",
  );
});

const uris = fc
  .tuple(
    fc.constantFrom("file", "s3", "ipfs+http", "ipns"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
  )
  .map(([scheme, rest]) => `${scheme}:${rest}`)
  .filter((uri) => !/[\p{C}\s\\]/u.test(uri) && !/^[^:]+:\/*[^/?#]*@/.test(uri) && !/=.*:.*@/.test(uri));
const links: fc.Arbitrary<LogLink> = fc.record(
  {
    logId: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex")),
    remotes: fc.uniqueArray(uris, { maxLength: 32 }),
    floor: fc.record(
      { size: fc.maxSafeNat(), root: fc.uint8Array({ minLength: 32, maxLength: 32 }) },
      { requiredKeys: ["size"] },
    ),
  },
  { requiredKeys: ["logId", "remotes"] },
);

test("every link is read as it was written, and is made of characters that need no quotes but for & and ?", () => {
  fc.assert(
    fc.property(links, (link) => {
      const text = formatLink(link);
      expect(text).toMatch(/^rlog:[\w\-.~:/%?&=]+$/);
      expect(parseLink(text)).toEqual(link);
    }),
  );
});

test("whatever is read is written back to what is read the same, and all else is refused as no link", () => {
  const mutations = fc.tuple(
    links.map(formatLink),
    fc.nat(),
    fc.nat(3),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }).map((text) => `rlog:${text}`),
        mutations.map(mutate),
      ),
      (text) => {
        let link: LogLink;
        try {
          link = parseLink(text);
        } catch (error) {
          expect(isRemoteLogError(error) && error.code).toBe(
            text.includes("#") ? "ERR_UNSUPPORTED" : "ERR_INVALID_INPUT",
          );
          return;
        }
        expect(parseLink(formatLink(link))).toEqual(link);
      },
    ),
  );
});

function mutate([text, at, removed, added]: [string, number, number, string]): string {
  const place = 5 + (at % (text.length - 4));
  return text.slice(0, place) + added + text.slice(place + removed);
}

test.each([
  ["another scheme", `http:${logId}`],
  ["an empty text", ""],
  ["no log id", "rlog:"],
  ["a log id in capitals", `rlog:${"0F".repeat(32)}`],
  ["a log id that is too short", `rlog:${logId.slice(1)}`],
  ["slashes before the log id", `rlog://${logId}`],
  ["a question mark and nothing behind it", `rlog:${logId}?`],
  ["its scheme twice", `rlog:rlog:${logId}`],
  ["a parameter whose name only ends as a known one", `rlog:${logId}?xremote=a:b`],
  ["a remote that is a path with a colon", `rlog:${logId}?remote=/srv/a:b`],
  ["an empty parameter", `rlog:${logId}?remote=a:b&`],
  ["a parameter that is not known", `rlog:${logId}?remote=a:b&key=1`],
  ["a parameter without a value", `rlog:${logId}?remote`],
  ["a remote that is no URI", `rlog:${logId}?remote=/srv/log`],
  ["a remote that is empty", `rlog:${logId}?remote=`],
  ["a remote twice", `rlog:${logId}?remote=a:b&remote=a%3Ab`],
  ["a remote with a password", `rlog:${logId}?remote=http://me:hunter2@host/`],
  ["a remote with a line end", `rlog:${logId}?remote=a:b%0Ac`],
  ["a remote with a backslash", `rlog:${logId}?remote=a:%5C%5Chost`],
  ["a % alone", `rlog:${logId}?remote=a:%`],
  ["bytes that are no UTF-8", `rlog:${logId}?remote=a:%FF`],
  ["a space", `rlog:${logId}?remote=a: b`],
  ["a line end behind it", `rlog:${logId}?remote=a:b\n`],
  ["a letter that is not encoded", `rlog:${logId}?remote=a:é`],
  ["a floor twice", `rlog:${logId}?floor=1&floor=1`],
  ["a floor with a zero before it", `rlog:${logId}?floor=01`],
  ["a floor past all whole numbers", `rlog:${logId}?floor=9007199254740992`],
  ["a root that is too short", `rlog:${logId}?floor=1:ab`],
  ["a floor that is below zero", `rlog:${logId}?floor=-1`],
  [
    "more remotes than fit",
    `rlog:${logId}?${Array.from({ length: 33 }, (_, i) => `remote=a:${i}`).join("&")}`,
  ],
  ["a URI that is too long", `rlog:${logId}?remote=a:${"b".repeat(2047)}`],
  ["a text that is too long", `rlog:${logId}?${"remote=a:b&".repeat(5000)}`],
])("%s is refused, and not repeated in the error", (_, text) => {
  let error: unknown;
  try {
    parseLink(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(String(error)).not.toMatch(/hunter2|host|0f0f|0F0F/);
});

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

test("a key behind # is refused as what this version cannot use, and is not shown", () => {
  for (const text of [`rlog:${logId}#c2VjcmV0`, `rlog:${logId}?remote=a:b#c2VjcmV0`, `rlog:${logId}#`]) {
    expect(() => parseLink(text)).toThrow(expect.objectContaining({ code: "ERR_UNSUPPORTED" }));
    expect(() => parseLink(text)).not.toThrow(/c2VjcmV0/);
  }
});

test.each([
  ["a log id that is none", { logId: "abc", remotes: [] }],
  ["a remote that is no URI", { logId, remotes: ["nowhere"] }],
  ["a remote with a password", { logId, remotes: ["http://me:hunter2@host/"] }],
  ["half of a surrogate pair", { logId, remotes: ["a:\ud800"] }],
  ["a floor that is no whole number", { logId, remotes: [], floor: { size: 1.5 } }],
  ["a floor below zero", { logId, remotes: [], floor: { size: -1 } }],
  ["a root of another length", { logId, remotes: [], floor: { size: 1, root: new Uint8Array(31) } }],
  ["more than fits", { logId, remotes: Array.from({ length: 32 }, (_, i) => `a:${"&".repeat(600)}${i}`) }],
])("%s is not written", (_, link) => {
  expect(() => formatLink(link)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
});
