// `rlog` with the variables of a proxy: remotes of every scheme are asked through it, and what a link names is checked as ever.
// The hosts have no address on this machine, except where a test says so: what arrives has come through the proxy.

import type * as dns from "node:dns";
import { writeFile } from "node:fs/promises";
import { formatLink } from "@remote-log/core";
import { startOwnS3 } from "@remote-log/servers";
import { answer, startForwardProxy, startSecureServer, testAuthority } from "@remote-log/test-kit";
import { atEnd, scriptedServer } from "@remote-log/test-kit/vitest";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type * as addresses from "../../../src/remotes/linked/public-address.ts";
import { Place } from "../../rlog.ts";
import { startRecorder } from "../linked/recording.ts";

const logId = "0f".repeat(32);
const name = "k51qzi5uqu5dgg67tgrr3kysxpuuerkw9jyw1cdp3vzgaxdrnxjg2nwsu6zqbl";
const owner = "8d3766440f0d7b949a5e32995d09619a7f86e632";
const PASSWORD = "hunter2";

/** An address that nothing has, and that is taken for a public one: only a proxy of tests connects to it. */
const PUBLIC = "203.0.113.7";

vi.mock(import("../../../src/remotes/linked/public-address.ts"), async (original) => {
  const real: typeof addresses = await original();
  return { ...real, isPublicAddress: (address) => address === PUBLIC || real.isPublicAddress(address) };
});

/** What names stand for on this machine. */
const zone = new Map([
  ["public.test", [PUBLIC]],
  ["inside.test", ["10.1.2.3"]],
  ["both.test", [PUBLIC, "10.1.2.3"]],
]);

vi.mock(import("node:dns"), async (original) => {
  const real: typeof dns = await original();
  type Answer = (error: Error | null, found?: dns.LookupAddress[]) => void;
  const lookup = (host: string, _options: unknown, reply: Answer): void => {
    const found = zone.get(host);
    if (found === undefined) reply(Object.assign(new Error(host), { code: "ENOTFOUND" }));
    else
      reply(
        null,
        found.map((address) => ({ address, family: 4 })),
      );
  };
  return { ...real, lookup: lookup as unknown as typeof dns.lookup };
});

const service = await scriptedServer(answer(403, "application/json", "{}"));
const arrivedSecurely: string[] = [];
const secure = await startSecureServer(({ url = "" }, response) => {
  arrivedSecurely.push(url);
  response.writeHead(403, { "content-type": "application/json" }).end("{}");
});
const bucket = await startOwnS3({ buckets: ["bucket"] });
const proxy = await startForwardProxy(
  new Map([
    ["own.test:80", service.url],
    ["own.test:443", secure.url],
    ["s3.test:80", bucket.endpoint],
    [`${PUBLIC}:80`, service.url],
    ["unknown.test:80", service.url],
    ["10.1.2.3:80", service.url],
  ]),
);
atEnd(() => Promise.all([secure.stop(), bucket.stop(), proxy.stop()]));
const HTTP_PROXY = proxy.url.replace("//", `//alice:${PASSWORD}@`);
const NONE = { HTTP_PROXY: "", HTTPS_PROXY: "", NO_PROXY: "", http_proxy: "", https_proxy: "", no_proxy: "" };
const AWS = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "of-the-user" };

/** One URI of each scheme at an origin. The first part of the path tells them apart where they arrive. */
function urisAt(origin: string): Record<string, string> {
  const at = (path: string): string => encodeURIComponent(`${origin}/${path}`);
  const [scheme, host] = origin.split("://");
  return {
    s3: `s3://bucket/p?endpoint=${at("s3")}`,
    plain: `${origin}/plain`,
    named: `${origin}/named/ipns/${name}`,
    ipns: `ipns://${name}?gateway=${at("ipns")}`,
    swarm: `swarm://${owner}/${"0a".repeat(32)}?gateway=${at("swarm")}`,
    bee: `bee+${scheme}://${host}/bee?owner=${owner}`,
    kubo: `ipfs+${scheme}://${host}/kubo?name=${name}`,
    node: `ipns://${name}?node=${at("node")}`,
  };
}
const SCHEMES = Object.keys(urisAt("http://host"));
/** Those that a link leads to. */
const LINKED = SCHEMES.filter((scheme) => !["kubo", "node"].includes(scheme));

const schemesOf = (urls: readonly string[]): Set<string> =>
  new Set(urls.map((url) => url.split("/")[1] ?? ""));
let before = 0;
const seen = (): string[] => proxy.requests.slice(before).map(({ method, target }) => `${method} ${target}`);
beforeEach(() => {
  before = proxy.requests.length;
  proxy.become("work");
});

async function read(words: readonly string[], env: Record<string, string>, apart = false) {
  const place = await Place.make({ apart });
  if (apart) await writeFile(place.path("authority.pem"), testAuthority);
  place.env = { ...AWS, ...NONE, NODE_EXTRA_CA_CERTS: place.path("authority.pem"), ...env };
  const run = await place.rlog(["read", ...words, "--no-state"]);
  expect(run.err).not.toContain(PASSWORD);
  return run;
}

const remotesAt = (origin: string): string[] =>
  Object.values(urisAt(origin)).flatMap((uri) => ["--remote", uri]);
const linkTo = (origin: string, schemes = LINKED): string =>
  formatLink({ logId, remotes: schemes.map((scheme) => urisAt(origin)[scheme]!) });

test("remotes of every scheme at http: are asked through the proxy", async () => {
  const arrived = service.requests.length;
  await read([logId, ...remotesAt("http://own.test")], { HTTP_PROXY });
  const urls = service.requests.slice(arrived).map(({ url }) => url);
  expect(schemesOf(urls)).toEqual(new Set(SCHEMES));
  for (const one of seen()) expect(one).toMatch(/^(GET|POST|HEAD) http:\/\/own\.test\//);
});

test("remotes of every scheme at https: are asked through tunnels, by a process that ends", async () => {
  const { code } = await read([logId, ...remotesAt("https://own.test")], { HTTPS_PROXY: HTTP_PROXY }, true);
  expect(code).not.toBe(0);
  expect(schemesOf(arrivedSecurely)).toEqual(new Set(SCHEMES));
  expect(new Set(seen())).toEqual(new Set(["CONNECT own.test:443"]));
});

test("a log is written to a bucket through the proxy, and read again", async () => {
  const place = await Place.make();
  const { accessKeyId, secretAccessKey } = bucket.credentials;
  place.env = { ...NONE, HTTP_PROXY, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  await place.ok(["init", "--public", "--remote", "s3://bucket/log?endpoint=http://s3.test"]);
  await place.ok(["append", "--publish"], "one\ntwo\n");
  await place.ok(["append", "--publish"], "three\n");
  const { out } = await place.ok([
    "read",
    (await place.ok(["link"])).out.trim(),
    "--trust",
    "http://s3.test",
  ]);
  expect(out).toContain("three");
  expect(seen().filter((one) => one.startsWith("PUT http://s3.test/bucket/log/"))).not.toEqual([]);
});

// Every address of 127.0.0.0/8 is one of this machine on Linux alone.
test.skipIf(process.platform !== "linux")(
  "what NO_PROXY names is asked at once, for every scheme",
  async () => {
    const near = await startRecorder("127.0.0.2", "http://own.test");
    await read([logId, ...remotesAt(`http://${near.host}`)], { HTTP_PROXY, NO_PROXY: "127.0.0.2" });
    expect(schemesOf(near.take().map(({ url }) => url))).toEqual(new Set(SCHEMES));
    expect(seen()).toEqual([]);
  },
);

test("a proxy that wants a password is named for every scheme", async () => {
  proxy.become({ status: 407 });
  const { err } = await read([logId, ...remotesAt("http://own.test")], { HTTP_PROXY });
  expect(err.split(`The proxy ${proxy.url} wants a user name and a password`).length - 1).toBeGreaterThan(0);
  expect(err).toContain("[ERR_DENIED]");
});

describe("what a link names", () => {
  test("is looked up here, and the proxy is asked for the address that was checked", async () => {
    const arrived = service.requests.length;
    await read([linkTo("http://public.test")], { HTTP_PROXY });
    const requests = service.requests.slice(arrived);
    expect(schemesOf(requests.map(({ url }) => url))).toEqual(new Set(LINKED));
    for (const { headers, method } of requests) {
      expect(["GET", "HEAD"]).toContain(method);
      expect(headers.host).toBe("public.test");
      expect(headers).not.toHaveProperty("authorization");
    }
    expect(new Set(seen())).toEqual(new Set([`CONNECT ${PUBLIC}:80`]));
  });

  test.each(["inside.test", "both.test"])("is refused if it has a private address: %s", async (host) => {
    for (const scheme of LINKED) {
      const { code, err } = await read([linkTo(`http://${host}`, [scheme])], { HTTP_PROXY });
      expect({ code, denied: err.includes("[ERR_DENIED]") }, scheme).toEqual({ code: 1, denied: true });
      expect(err, scheme).toContain(`--trust 'http://${host}'`);
    }
    expect(seen()).toEqual([]);
  });

  test("is refused if it has no address here: only the proxy would know where it leads", async () => {
    for (const scheme of LINKED) {
      const { code, err } = await read([linkTo("http://unknown.test", [scheme])], { HTTP_PROXY });
      expect({ code, denied: err.includes("[ERR_DENIED]") }, scheme).toEqual({ code: 1, denied: true });
      for (const word of [proxy.url, "has no address here", "--trust 'http://unknown.test'"])
        expect(err, scheme).toContain(word);
    }
    expect(seen()).toEqual([]);
  });

  test.each(["10.1.2.3", "169.254.169.254", "[::1]", "localhost"])("is refused at %s", async (host) => {
    const { code } = await read([linkTo(`http://${host}`)], { HTTP_PROXY });
    expect([code, seen()]).toEqual([1, []]);
  });

  test("is checked as ever if NO_PROXY names it", async () => {
    const { err } = await read([linkTo("http://inside.test", ["plain"])], {
      HTTP_PROXY,
      NO_PROXY: "inside.test",
    });
    expect(err).toContain("[ERR_DENIED]");
    expect(seen()).toEqual([]);
  });

  test("and the user trusts is asked through the proxy by its name", async () => {
    const words = [linkTo("http://own.test"), "--trust", "http://own.test"];
    await read(words, { HTTP_PROXY });
    expect(seen().length).toBeGreaterThan(0);
    for (const one of seen()) expect(one).toMatch(/ http:\/\/own\.test\//);
  });
});
