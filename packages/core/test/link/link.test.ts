import { createHash } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLink, isRemoteLogError, type LogLink, parseLink, ReadKey } from "../../src/index.ts";

const logId = "0f".repeat(32);
const root = new Uint8Array(32).fill(0xab);
const key = new ReadKey(new Uint8Array(32).fill(0xcd));

/** A link as it is compared: with the key that a `ReadKey` does not show. */
function plain({ key, ...link }: LogLink) {
  return { ...link, ...(key && { key: Buffer.from(key.toBytes()).toString("hex") }) };
}

/** The checksum of a link without a key, worked out from the document: the first 6 bytes of a hash, in base64url. */
const check = (open: string): string =>
  createHash("sha256").update(`remote-log/v1/link\n${open}\n`).digest().subarray(0, 6).toString("base64url");

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
  const open =
    `rlog:${logId}?remote=file:///srv/my%2520log` +
    "&remote=s3://bucket/p%3Fregion%3Deu-west-1%26endpoint%3Dhttps://s3.example&remote=ipns://k51abc" +
    `&floor=12:${"ab".repeat(32)}`;
  expect(text).toBe(`${open}#${check(open)}`);
  expect(parseLink(text)).toEqual(link);
  expect(formatLink(parseLink(text))).toBe(text);
});

test("remotes and floor may be left out, and a floor may be a size alone", () => {
  expect(parseLink(`rlog:${logId}`)).toEqual({ logId, remotes: [] });
  expect(formatLink({ logId, remotes: [] })).toBe(`rlog:${logId}#${check(`rlog:${logId}`)}`);
  expect(parseLink(`rlog:${logId}?floor=0`)).toEqual({ logId, remotes: [], floor: { size: 0 } });
  const open = `rlog:${logId}?floor=0`;
  expect(formatLink({ logId, remotes: [], floor: { size: 0 } })).toBe(`${open}#${check(open)}`);
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
  const fitting = { logId, remotes: urisOf(...lengths, 32_768 - 69 - 15 * 2048 - 8 - 9) };
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
  expect(() => parseLink(`rlog:${logId}?floor=1&Key=1`)).toThrow("it has a parameter without a name");
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
    key: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new ReadKey(bytes)),
    further: fc.array(
      fc.tuple(fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/), fc.string({ unit: "grapheme", maxLength: 9 })),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: ["logId", "remotes"] },
);

test("every link is read as it was written, and is made of characters that need no quotes but for & and ?", () => {
  fc.assert(
    fc.property(links, (link) => {
      const text = formatLink(link);
      expect(text).toMatch(/^rlog:[\w\-.~:/%?&=]+#([\w-]{48}|[\w-]{8})$/);
      expect(plain(parseLink(text))).toEqual(plain(link));
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
          const newer = /^rlog:\d+\./.test(text);
          expect(isRemoteLogError(error) && error.code).toBe(newer ? "ERR_UNSUPPORTED" : "ERR_INVALID_INPUT");
          return;
        }
        expect(plain(parseLink(formatLink(link)))).toEqual(plain(link));
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
  ["a remote that is a path with a colon", `rlog:${logId}?remote=/srv/a:b`],
  ["an empty parameter", `rlog:${logId}?remote=a:b&`],
  ["a parameter with a capital", `rlog:${logId}?remote=a:b&Key=1`],
  ["a name that is too long", `rlog:${logId}?remote=a:b&${"k".repeat(33)}=1`],
  ["more unknown parameters than fit", `rlog:${logId}?${"x=&".repeat(32)}x=`],
  ["# and nothing behind it", `rlog:${logId}#`],
  ["a key without a checksum", `rlog:${logId}?remote=a:b#${"0F0F".repeat(10)}0F0`],
  ["a checksum of another link", `rlog:${logId}?remote=a:b#${check(`rlog:${logId}`)}`],
  ["two keys", `${formatLink({ logId, remotes: [], key })}#${"0F0F".repeat(12)}`],
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

test("a key stands behind the #, with a checksum of all that is before it, as the document says", () => {
  const open = `rlog:${logId}?remote=a:b`;
  const bytes = key.toBytes();
  const sum = createHash("sha256")
    .update(`remote-log/v1/link\n${open}\n`)
    .update(bytes)
    .digest()
    .subarray(0, 4);
  const fragment = Buffer.concat([bytes, sum]).toString("base64url");
  expect(formatLink({ logId, remotes: ["a:b"], key })).toBe(`${open}#${fragment}`);
  expect(parseLink(`${open}#${fragment}`).key?.toBytes()).toEqual(bytes);
});

test("damage of any one character is told, with what to do, and shows no part of the key", () => {
  const link = { logId, remotes: ["file:///srv/log", "s3://bucket/p?region=eu"], floor: { size: 12, root } };
  for (const text of [formatLink({ ...link, key }), formatLink(link)]) {
    for (let at = 0; at < text.length; at++) {
      const others = "A0b.#&=?%/ é".split("").filter((other) => other !== text[at]);
      for (const other of ["", ...others]) {
        const damaged = text.slice(0, at) + other + text.slice(at + 1);
        let error: unknown;
        try {
          parseLink(damaged);
        } catch (thrown) {
          error = thrown;
        }
        if (error === undefined) throw new Error(`It was read with ${JSON.stringify(other)} at ${at}.`);
        expect(String(error)).toMatch(/The link (is damaged|can't be used|is of a newer kind)/);
        expect(String(error)).not.toContain(text.slice(-20));
      }
    }
  }
});

test("a # that was lost or became another character is told, so that no key is taken for a part of an address", () => {
  for (const secret of [{ key }, {}]) {
    const text = formatLink({ logId, remotes: ["file:///srv/log"], ...secret });
    for (const other of ["", "0", "/", "%"]) {
      expect(() => parseLink(text.replace("#", other))).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_INPUT", reason: "damaged" }),
      );
    }
    // What was taken away whole is a link that somebody wrote by hand.
    expect(parseLink(text.split("#")[0]!).remotes).toEqual(["file:///srv/log"]);
  }
});

test("a link that has another character before its key, also half of a pair of surrogates, is no link", () => {
  const fragment = formatLink({ logId, remotes: ["a:b"], key }).slice(-48);
  for (const other of ["\ud800", "é", "\n", " "]) {
    for (const text of [`rlog:${logId}?remote=a:${other}#${fragment}`, `rlog:${logId}${other}${fragment}`]) {
      expect(() => parseLink(text)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
    }
  }
});

test("a checksum that does not fit has the reason damaged", () => {
  const text = formatLink({ logId, remotes: ["a:b"], key });
  expect(() => parseLink(text.replace("a:b", "a:c"))).toThrow(expect.objectContaining({ reason: "damaged" }));
});

test("32 parameters that are not known fit; a remote may look like a newer kind of link", () => {
  const further = Array.from({ length: 32 }, (_, i) => [`x${i}`, ""] as const);
  expect(parseLink(formatLink({ logId, remotes: [], further })).further).toEqual(further);
  expect(parseLink(`rlog:${logId}?remote=a:rlog:2.b`).remotes).toEqual(["a:rlog:2.b"]);
});

test.each([undefined, 5, null])("%s is no link: ERR_INVALID_INPUT", (text) => {
  expect(() => parseLink(text as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
});

test("parameters that are not known are kept, in their order", () => {
  const further = [
    ["quorum", "2"],
    ["a", "é&="],
    ["quorum", ""],
  ] as const;
  const text = formatLink({ logId, remotes: ["a:b"], further, key });
  const read = parseLink(text);
  expect(read.further).toEqual(further);
  expect(formatLink(read)).toBe(text);
});

test("a newer kind of link is refused with what to do", () => {
  expect(() => parseLink("rlog:2.abcdef")).toThrow(
    expect.objectContaining({ code: "ERR_UNSUPPORTED", reason: "newer-kind" }),
  );
  expect(() => parseLink("rlog:2.abcdef")).toThrow("Use a newer version");
});

test("a link that was read does not show its key, however it is printed", () => {
  const link = parseLink(formatLink({ logId, remotes: [], key }));
  const shown = [
    JSON.stringify(link),
    String(link.key),
    inspect(link, { showHidden: true, getters: true, depth: 9 }),
  ];
  for (const text of shown) expect(text).not.toMatch(/cdcd|205,\s*205|zc3N/);
});

test.each([
  ["a log id that is none", { logId: "abc", remotes: [] }],
  ["a remote that is no URI", { logId, remotes: ["nowhere"] }],
  ["a remote with a password", { logId, remotes: ["http://me:hunter2@host/"] }],
  ["half of a surrogate pair", { logId, remotes: ["a:\ud800"] }],
  ["a floor that is no whole number", { logId, remotes: [], floor: { size: 1.5 } }],
  ["a floor below zero", { logId, remotes: [], floor: { size: -1 } }],
  ["a root of another length", { logId, remotes: [], floor: { size: 1, root: new Uint8Array(31) } }],
  ["a further parameter with a name of ours", { logId, remotes: [], further: [["remote", "a:b"]] }],
  ["a further parameter called floor", { logId, remotes: [], further: [["floor", "1"]] }],
  ["a further parameter without a text", { logId, remotes: [], further: [["a", 1 as never]] }],
  ["remotes that are no array", { logId, remotes: { every: () => true } as never }],
  ["a remote that is no text", { logId, remotes: [5 as never] }],
  ["a root that is a text", { logId, remotes: [], floor: { size: 1, root: "a".repeat(32) as never } }],
  ["a further parameter with a wrong name", { logId, remotes: [], further: [["A b", ""]] }],
  ["a key that is none", { logId, remotes: [], key: new Uint8Array(32) as never }],
  ["more than fits", { logId, remotes: Array.from({ length: 32 }, (_, i) => `a:${"&".repeat(600)}${i}`) }],
] satisfies [string, LogLink][])("%s is not written", (_, link) => {
  expect(() => formatLink(link)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
});

test("a link of something else than texts is refused, and says what is expected", () => {
  const refused = (link: unknown, message: string): void =>
    expect(() => formatLink(link as LogLink)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "link.format", message }),
    );
  const uris = "`remotes` of formatLink must be an array of URIs, each a string, not";
  refused({ logId, remotes: ["a:b", new URL("a:b")] }, `${uris} an array.`);
  refused({ logId, remotes: "a:b" }, `${uris} a string.`);
  refused(undefined, "The options of formatLink must be an object, not undefined.");
});
