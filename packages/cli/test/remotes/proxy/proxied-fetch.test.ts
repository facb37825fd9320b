// A real proxy of our own between `fetch` and services: what it sees, what passes it, and what its failures become.

import { inspect } from "node:util";
import type { RemoteLogError } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";
import { answer, closedUrl, failure, startForwardProxy, startSecureServer } from "@remote-log/test-kit";
import { atEnd, scriptedServer } from "@remote-log/test-kit/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { fetchThrough } from "../../../src/remotes/proxy/proxied-fetch.ts";
import { proxySettings } from "../../../src/remotes/proxy/proxy-settings.ts";
import { openTunnel } from "../../../src/remotes/proxy/tunnel.ts";

const PASSWORD = "hunter2%21";

const service = await scriptedServer(answer(200, "text/plain", "it is here"));
const secure = await startSecureServer();
atEnd(() => secure.stop());
const proxy = await startForwardProxy(
  new Map([
    ["plain.test:80", service.url],
    ["plain.test:8080", service.url],
    ["secure.test:443", secure.url],
  ]),
);
atEnd(() => proxy.stop());
const named = proxy.url.replace("//", `//alice:${PASSWORD}@`);

beforeEach(() => proxy.become("work"));

/** The `fetch` of an environment. */
function fetchIn(env: Record<string, string>): Fetch {
  return fetchThrough(proxySettings(env)!);
}

/** What a proxy saw since. */
function seenSince(count: number): string[] {
  return proxy.requests.slice(count).map(({ method, target }) => `${method} ${target}`);
}

test("a request for http: is sent to the proxy as it is, and what a proxy gets does not pass it", async () => {
  const [before, arrived] = [proxy.requests.length, service.requests.length];
  const fetch = fetchIn({ HTTP_PROXY: named });
  const reply = await fetch("http://plain.test/a?b=c", { headers: { "x-own": "1" } });
  expect(await reply.text()).toBe("it is here");
  await fetch("http://plain.test:8080/put", { method: "PUT", body: new Uint8Array([1, 2, 3]) });
  expect(seenSince(before)).toEqual(["GET http://plain.test/a?b=c", "PUT http://plain.test:8080/put"]);
  const expected = `Basic ${Buffer.from("alice:hunter2!").toString("base64")}`;
  expect(proxy.requests[before]?.headers["proxy-authorization"]).toBe(expected);
  const [got, put] = service.requests.slice(arrived);
  expect(got?.headers).toMatchObject({ host: "plain.test", "x-own": "1" });
  expect(got?.headers).not.toHaveProperty("proxy-authorization");
  expect(put).toMatchObject({ method: "PUT", path: "/put", headers: { "content-length": "3" } });
});

test("a request for https: goes through a tunnel, and its certificate is checked at this end", async () => {
  const before = proxy.requests.length;
  const error = await failure<TypeError & { cause: { code: string } }>(
    fetchIn({ https_proxy: named })("https://secure.test/", {}),
  );
  // Nobody here knows the authority of these certificates: the handshake itself took place.
  expect(error.cause.code).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  expect(seenSince(before)).toEqual(["CONNECT secure.test:443"]);
  expect(proxy.requests[before]?.headers["proxy-authorization"]).toMatch(/^Basic /);
});

test("this machine, and what NO_PROXY names, are asked at once", async () => {
  const before = proxy.requests.length;
  expect((await fetchIn({ HTTP_PROXY: named })(`${service.url}/direct`, {})).status).toBe(200);
  for (const hosts of ["plain.test", ".test", "other,*.test", "plain.test:80", "*"]) {
    const fetch = fetchIn({ HTTP_PROXY: named, NO_PROXY: hosts });
    const error = await failure<TypeError & { cause: { code: string } }>(fetch("http://plain.test/", {}));
    expect(["ENOTFOUND", "EAI_AGAIN"], hosts).toContain(error.cause.code);
  }
  expect(seenSince(before)).toEqual([]);
  const fetch = fetchIn({ HTTP_PROXY: named, NO_PROXY: "plain.test:81,ain.test" });
  expect((await fetch("http://plain.test/", {})).status).toBe(200);
});

/** The error of a request whose proxy is the cause, looked at for secrets. */
async function refused(url: string, by = named): Promise<RemoteLogError> {
  const error = await failure<RemoteLogError>(fetchIn({ HTTP_PROXY: by })(url, {}));
  for (const text of [inspect(error, { depth: 9 }), JSON.stringify(error), error.stack ?? ""]) {
    expect(text).not.toMatch(/hunter2|alice/);
    expect(text).not.toContain(Buffer.from("alice:hunter2!").toString("base64"));
  }
  return error;
}

describe.each(["http://plain.test/", "https://secure.test/"])("a proxy on the way to %s", (url) => {
  const host = new URL(url).host;

  test("that wants a password is named, with what to do", async () => {
    proxy.become({ status: 407, body: "<html>Who are you?" });
    const error = await refused(url);
    expect(error).toMatchObject({ code: "ERR_DENIED", reason: "proxy-authentication", retry: "never" });
    for (const word of [proxy.url, host, "http://user:password@"]) expect(error.message).toContain(word);
  });

  test("that can't be reached is named", async () => {
    const closed = await closedUrl();
    const error = await refused(url, closed.replace("//", `//alice:${PASSWORD}@`));
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", reason: "proxy-unreachable", retry: "safe" });
    for (const word of [closed, host, "ECONNREFUSED"]) expect(error.message).toContain(word);
  });

  test("that has no address is named, and not taken for the service", async () => {
    const error = await refused(url, `http://alice:${PASSWORD}@proxy.invalid:3128`);
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", reason: "proxy-unreachable" });
    expect(error.message).toContain("http://proxy.invalid:3128");
  });

  test("that cuts connections is named", async () => {
    proxy.become("close");
    const error = await refused(url);
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", reason: "proxy-unreachable", retry: "safe" });
    expect(error.message).toContain(proxy.url);
  });
});

describe("a proxy that makes no tunnel", () => {
  test.each([
    [403, "ERR_DENIED", "never"],
    [502, "ERR_UNREACHABLE", "safe"],
    [429, "ERR_UNREACHABLE", "safe"],
  ])("but answers %d is named", async (status, code, retry) => {
    proxy.become({ status, body: "<html>No." });
    const error = await refused("https://secure.test/");
    expect(error).toMatchObject({ code, reason: "proxy-refused", retry });
    for (const word of [proxy.url, "secure.test:443", `${status}`, "NO_PROXY"])
      expect(error.message).toContain(word);
  });

  test("but sends a page is named", async () => {
    proxy.become({ status: 200, body: "<html>Log in." });
    const error = await refused("https://secure.test/");
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", reason: "proxy-page", retry: "safe" });
    expect(error.message).toContain(proxy.url);
  });

  test("and says nothing is named when its time is over", async () => {
    proxy.become("silence");
    const request = { proxy: new URL(named), authority: "secure.test:443", milliseconds: 50 };
    const error = await failure<RemoteLogError>(openTunnel(request));
    expect(error).toMatchObject({ code: "ERR_TIMEOUT", reason: "proxy-no-answer", retry: "safe" });
    expect(error.message).toContain(proxy.url);
    expect(error.message).not.toContain("hunter2");
  });
});
