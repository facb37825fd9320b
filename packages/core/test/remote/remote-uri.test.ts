// The URIs of remotes that links and manifests hold: how many, how long, of which characters, and without credentials.

import { expect, test } from "vitest";
import { faultOfUris } from "../../src/remote/remote-uri.ts";

const uris = (count: number): string[] => Array.from({ length: count }, (_, i) => `a:${i}`);
const long = (length: number): string => "a:".padEnd(length, "b");

test.each<[string, readonly string[]]>([
  ["none", []],
  ["32", uris(32)],
  ["one of 2048 characters", [long(2048)]],
  ["the shortest", ["a:b"]],
  ["one of a web page", ["https://host.example:8080/path?query=a&more=b#fragment"]],
  ["one of two schemes", ["ipfs+https://gateway.example/größe"]],
  ["an @ behind the host", ["https://host/a:b@c", "s3://bucket/https://user@host", "a:b?c=d@e"]],
  ["a colon in the path, and a web page there", ["a://b/ipfs+https://host/x"]],
  ["a parameter that is no text in any encoding", ["a:b?c=%zz"]],
])("a log may name %s", (_what, remotes) => {
  expect(faultOfUris(remotes)).toBeUndefined();
});

test.each<[string, readonly string[], string]>([
  ["33", uris(33), "it has 33 remotes, and at most 32 fit"],
  ["one twice", ["a:b", "a:c", "a:b"], "it has a remote twice"],
  ["one of 2049 characters", [long(2049)], "the URI of a remote has more than 2048 characters"],
  ...["a:b c", "a:\u0000", "a:\u200b", "a:b\\c", "a:b\n"].map((uri): [string, string[], string] => [
    `one with a character that is none of a URI: ${JSON.stringify(uri)}`,
    ["a:b", uri],
    "the URI of a remote has a character that is none of a URI",
  ]),
  ...["", "host", "/path", ":b", "a:", "1a:b", "A:b", "ä:b"].map((uri): [string, string[], string] => [
    `what is no URI: "${uri}"`,
    ["a:b", uri],
    "a remote is no URI",
  ]),
])("a log may not name %s", (_what, remotes, fault) => {
  expect(faultOfUris(remotes)).toBe(fault);
});

test.each([
  "https://user:password@host",
  "https://user@host",
  "https://:password@host",
  // The parser of URLs takes any number of slashes.
  "https:user:password@host",
  "https:/user:password@host",
  "https:///user:password@",
  "ipfs+https:///user:password@",
  // A scheme without a host.
  "a:secret@b",
  "s3://key:secret@bucket/prefix",
  // In a parameter, in clear and encoded.
  "a:b?gateway=https://user@host",
  "a:b?gateway=https%3A%2F%2Fuser%40host",
  "a:b?c=d&gateway=https://user@host&e=f",
  "a:b#https://user@host",
  "a:b?https://user@host",
  "a:b?gateway=https://user@host/%zz",
  // The parser leaves out tabs.
  "a:b?gateway=ht%09tps://user@host",
  "a:b?gateway=ht%09tps://:password@host",
  "a:b?gateway=ipfs%2Bhttps:/%09//user@host",
])("a log may not name a user: %s", (uri) => {
  expect(faultOfUris(["a:c", uri])).toBe("the URI of a remote holds a user name or a password");
});
