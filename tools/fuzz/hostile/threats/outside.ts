// T18 to T22: names as paths, hosts from strangers, prototypes, private logs.

import { sha256 } from "../../../../packages/core/src/crypto/sha256.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { bytes, field, hash, hex, numberField, type Parts } from "../parts.ts";

/** Texts that are refused, or accepted with a meaning. */
type Row = readonly [
  name: string,
  why: string,
  text: string,
  verdict: { readonly code: string } | { readonly means: string } | undefined,
];

export function texts(decode: string, rows: readonly Row[]): Fixture[] {
  return rows.map(([name, why, text, verdict]): Fixture => {
    const expect = verdict !== undefined && "code" in verdict ? "refused" : "accepted";
    return { name, why, decode, input: { text }, expect, ...verdict };
  });
}

const invalid = { code: "ERR_INVALID_INPUT" } as const;
const unsupported = { code: "ERR_UNSUPPORTED" } as const;

/** Fixtures of T18 to T24. */
export function outside(parts: Parts): readonly ThreatFile[] {
  const { logId } = parts.log;
  const genesis = decodeRemoteLog(parts.log.heads[0]!).genesis;
  const link = (query: string): string => `rlog:${logId}?${query}`;
  const key = (name: string): { readonly means: string } => ({ means: hexOf(sha256(bytes(name))) });
  const named = (name: string, why: string, text: string): Row => [name, why, text, key(text)];

  return [
    threat("T18", "Names as paths", [
      ...texts("log-id", [
        ["log-id-parent-folder", "A path instead of a log id.", "../../../../etc/passwd", invalid],
        [
          "log-id-upper-case",
          "A log id in upper case: two names for one file, where case is folded.",
          logId.toUpperCase(),
          invalid,
        ],
        ["log-id-too-short", "A digit less.", logId.slice(1), invalid],
        ["log-id-too-long", "A digit more.", `${logId}0`, invalid],
        [
          "log-id-newline",
          "A newline at the end, which a careless pattern passes over.",
          `${logId}\n`,
          invalid,
        ],
        ["log-id-nul", "A NUL in it.", `${logId.slice(0, 63)}\u0000`, invalid],
        ["log-id-full-width", "Digits of full width.", logId.replace(/\d/, "\uff11"), invalid],
      ]),
      ...texts("name-key", [
        named("name-parent-folder", "A name with `..` becomes a hash.", "../x"),
        named("name-absolute", "An absolute path becomes a hash.", "/etc/passwd"),
        named("name-nul", "A name with a NUL becomes a hash.", "a\u0000b"),
        named("name-device", "A name of a device on Windows becomes a hash.", "CON"),
        named("name-empty", "The empty name becomes a hash.", ""),
        named("name-composed", "A composed character …", "\u00e9"),
        named("name-decomposed", "… is another name than the decomposed one.", "e\u0301"),
      ]),
    ]),
    threat("T19", "Hosts that strangers name", [
      ...[
        ["url", "A URL in the place of an address.", "http://127.0.0.1/"],
        ["multiaddr", "A multiaddr in the place of an address.", "/ip4/127.0.0.1/tcp/1"],
        ["crlf", "A header in the place of an address.", "\r\nHost: x\r\n"],
        ["path", "A path in the place of an address.", "../../x"],
      ].map(
        ([name = "", why = "", text = ""]): Fixture => ({
          name: `address-${name}`,
          why,
          decode: "pairs",
          input: hex(field(1, [...field(1, bytes(text)), ...field(2, hash(1))])),
          expect: "refused",
          code: "ERR_MALFORMED",
        }),
      ),
      ...texts("link", [
        ["link-user", "A user name in a URI.", link("remote=https://u@h/"), invalid],
        ["link-password", "A password in a URI.", link("remote=https://u:p@h/"), invalid],
        [
          "link-password-encoded",
          "A password in a URI, with its @ percent-encoded.",
          link("remote=https://u:p%40h/"),
          invalid,
        ],
        [
          "link-backslash",
          "A backslash, which URL parsers read as a slash.",
          link("remote=https://h%5C@x/"),
          invalid,
        ],
        ["link-newline", "A newline, which URL parsers drop.", link("remote=https://h%0A/"), invalid],
        ["link-tab", "A tab, which URL parsers drop.", link("remote=ht%09tps://h/"), invalid],
        ["link-no-scheme", "A URI without a scheme.", link("remote=h/x"), invalid],
        ["link-upper-case-scheme", "A scheme in upper case.", link("remote=HTTPS://h/"), invalid],
        ["link-remote-twice", "The same remote twice.", link("remote=a:b&remote=a:b"), invalid],
        [
          "link-unknown-parameter",
          "A parameter that nobody knows, for a later version.",
          link("remote=a:b&key=1"),
          { means: "a:b" },
        ],
        ["link-floor-twice", "Two floors.", link("floor=1&floor=2"), invalid],
        ["link-floor-padded", "A floor with a zero before it.", link("floor=01"), invalid],
        ["link-floor-2-53", "A floor that is too large.", link("floor=9007199254740992"), invalid],
        ["link-floor-short-root", "A floor with half a root.", link(`floor=1:${"0".repeat(32)}`), invalid],
        ["link-broken-encoding", "A % that is followed by nothing.", link("remote=a:%"), invalid],
        ["link-broken-utf-8", "Bytes that are no UTF-8.", link("remote=a:%c3%28"), invalid],
        [
          "link-right-to-left",
          "A bidirectional override, which shows another host.",
          link("remote=a:%E2%80%AE"),
          invalid,
        ],
        ["link-not-rlog", "Another scheme.", `http:${logId}`, invalid],
        ["link-upper-case", "The scheme in upper case.", `RLOG:${logId}`, invalid],
        ["link-empty-query", "A question mark and nothing after it.", `rlog:${logId}?`, invalid],
        ["link-plus", "A plus is a plus, and no space.", link("remote=a:b%2Bc+d"), { means: "a:b+c+d" }],
      ]),
      ...texts("s3-uri", [
        ["s3-credentials", "Credentials in an s3: URI.", "s3://k:s@bucket", invalid],
        ["s3-endpoint-credentials", "Credentials in the endpoint.", "s3://b?endpoint=https://k:s@h", invalid],
        ["s3-endpoint-file", "An endpoint that is a file.", "s3://b?endpoint=file:///etc", invalid],
        ["s3-encoded-slash", "A slash that is percent-encoded.", "s3://b/a%2F..%2Fb", invalid],
        ["s3-endpoint-twice", "Two endpoints.", "s3://b?endpoint=http://a&endpoint=http://b", invalid],
      ]),
      ...texts("gateway-uri", [
        [
          "gateway-dnslink",
          "A host in the place of a key: DNS proves nothing.",
          "ipns://example.org",
          invalid,
        ],
        ["gateway-credentials", "Credentials in a gateway's URL.", "https://u:p@h/ipns/k51", invalid],
      ]),
      ...texts("swarm-uri", [
        ["swarm-no-topic", "A feed without a topic.", `swarm://${"0".repeat(40)}`, invalid],
        ["swarm-fragment", "A fragment.", "bee+http://h#x", invalid],
      ]),
    ]),
    threat("T20", "Names that objects have already", [
      ...texts("link", [
        ["link-proto", "A parameter `__proto__`.", link("__proto__=1"), invalid],
        [
          "link-constructor",
          "A parameter `constructor`, which is one that nobody knows.",
          link("remote=a:b&constructor=1"),
          { means: "a:b" },
        ],
      ]),
      ...texts("s3-uri", [["s3-proto", "A parameter `__proto__`.", "s3://b?__proto__=x", invalid]]),
      ...texts("swarm-uri", [
        ["swarm-proto", "A parameter `__proto__`.", "bee+http://h?__proto__=x", invalid],
      ]),
      ...texts("name-key", [
        named("name-proto", "A log that is called `__proto__`.", "__proto__"),
        named("name-constructor", "A log that is called `constructor`.", "constructor"),
      ]),
      ...texts("s3-list", [
        [
          "list-proto",
          "An element `__proto__` beside a key that is no content.",
          "<ListBucketResult><__proto__>x</__proto__><Key>__proto__</Key></ListBucketResult>",
          { means: "" },
        ],
      ]),
    ]),
    threat("T21", "One key, two contents", [
      {
        name: "private-genesis",
        why: "A private log, and a reader without its key: no content is taken for plain text.",
        decode: "readable-genesis",
        input: hex(genesis.subarray(0, 36), [...numberField(6, 1), ...numberField(7, 2)]),
        expect: "refused",
        code: "ERR_NO_KEY",
      },
    ]),
    threat(
      "T22",
      "One ciphertext, two keys",
      texts("link", [
        [
          "link-with-key",
          "A link with half a read key: it is refused, and not shown.",
          `${link("remote=a:b")}#AAAA`,
          invalid,
        ],
        ["link-with-empty-key", "A link with # and nothing after it.", `rlog:${logId}#`, invalid],
        [
          "link-with-two-keys",
          "A link with two keys.",
          `${link("remote=a:b")}#${"A".repeat(48)}#${"B".repeat(48)}`,
          invalid,
        ],
        [
          "link-without-checksum",
          "A link with a read key and no checksum.",
          `${link("remote=a:b")}#${"A".repeat(43)}`,
          invalid,
        ],
        [
          "link-wrong-checksum",
          "A link with a read key and a wrong checksum.",
          `${link("remote=a:b")}#${"A".repeat(48)}`,
          invalid,
        ],
        ["link-newer-kind", "A kind of link that this version does not know.", "rlog:2.AAAA", unsupported],
      ]),
    ),
    threat("T23", "What storage learns", [
      ...texts("message-text", [
        [
          "message-url-credentials",
          "A service repeats credentials of a URL.",
          "no: http://u:p@h/",
          { means: "no: http://…@h/" },
        ],
        ["message-bearer", "A service repeats a bearer token.", "Bearer abc", { means: "Bearer …" }],
        [
          "message-secret",
          "A service repeats a secret.",
          "secretAccessKey=abc",
          { means: "secretAccessKey=…" },
        ],
      ]),
    ]),
    threat(
      "T24",
      "A reader who was shut out",
      texts("link", [
        ["link-with-old-key", "A link that was cut within its key.", `rlog:${logId}#old`, invalid],
      ]),
    ),
  ];
}
