import { gatewayRemote, gatewayRemoteFromUri } from "@remote-log/ipfs/gateway";
import { randomBytes } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGatewayUri } from "../../src/gateway/uri.ts";
import { IpnsName } from "../../src/record/ipns-name.ts";

const name = IpnsName.fromPublicKey(randomBytes(32)).text;
const secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ";

test.each([
  [`ipns://${name}`, ["http://127.0.0.1:8080"]],
  [`ipns://${name}/`, ["http://127.0.0.1:8080"]],
  [`ipns://${name}?gateway=https://a.example`, ["https://a.example"]],
  [
    `ipns://${name}?gateway=https://a.example/&gateway=http%3A%2F%2F127.0.0.1%3A8081%2Fx`,
    ["https://a.example", "http://127.0.0.1:8081/x"],
  ],
  [`https://gateway.example/ipns/${name}`, ["https://gateway.example"]],
  [`https://gateway.example/ipns/${name}/`, ["https://gateway.example"]],
  [`http://127.0.0.1:8080/below/ipns/${name}`, ["http://127.0.0.1:8080/below"]],
])("%s is read", (uri, urls) => {
  expect(parseGatewayUri(uri)).toEqual({ urls, name });
});

test.each([
  ["", "begin with"],
  [name, "begin with"],
  [`ipns:${name}`, "begin with"],
  [`IPNS://${name}`, "begin with"],
  [`ipfs://${name}`, "begin with"],
  ["ipns://", "name"],
  ["ipns://log.example", "DNSLink"],
  [`ipns://${secret}`, "name"],
  [`ipns://me:${secret}@${name}`, "credentials"],
  [`ipns://${name}/${secret}`, "path"],
  [`ipns://${name}#${secret}`, "fragment"],
  [`ipns://${name}?`, "parameter"],
  [`ipns://${name}?token=${secret}`, "parameter"],
  [`ipns://${name}?Gateway=https://a.example`, "parameter"],
  [`ipns://${name}?gateway=`, "no URL"],
  [`ipns://${name}?gateway=${secret}.example`, "no URL"],
  [`ipns://${name}?gateway=https://me:${secret}@a.example`, "credentials"],
  [`ipns://${name}?gateway=https://a.example/?token=${secret}`, "query"],
  [`ipns://${name}?gateway=https://a.example&gateway=https://a.example/`, "twice"],
  [`ipns://${name}?gateway=%E0%A4%A`, "decoded"],
  [`ipns://${name}?${Array.from({ length: 17 }, (_, i) => `gateway=https://${i}.example`).join("&")}`, "16"],
  [`ipns://${name}\n`, "control character"],
  [`ipns:\\\\${name}`, "backslash"],
  ["https://gateway.example", "/ipns/"],
  [`https://gateway.example/ipfs/${name}`, "/ipns/"],
  [`https://gateway.example/ipns/${name}/index.html`, "/ipns/"],
  ["https://gateway.example/ipns/", "name"],
  ["https://gateway.example/ipns/log.example", "DNSLink"],
  [`https://${name}.ipns.gateway.example/`, "host begins with the name"],
  [`https://me:${secret}@gateway.example/ipns/${name}`, "credentials"],
  [`https://gateway.example/ipns/${name}?token=${secret}`, "query"],
  [`https://gateway.example/ipns/${name}#${secret}`, "fragment"],
])("%j is refused, without repeating what may be secret", (uri, why) => {
  let error: unknown;
  try {
    gatewayRemoteFromUri(uri);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(String(error)).toContain(why);
  expect(String(error)).not.toContain(secret);
});

test("no text makes the parser throw anything but ERR_INVALID_INPUT, and what it takes is a name at plain URLs", () => {
  const parts = [
    "ipns://",
    "https://",
    "a.example",
    name,
    "/ipns/",
    "/",
    "?",
    "gateway=",
    "&",
    "%2F",
    "%",
    "@",
    ":",
    "#",
  ];
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.webUrl().map((url) => `${url}/ipns/${name}`),
    fc.webUrl().map((url) => `ipns://${name}?gateway=${encodeURIComponent(url)}`),
    fc.array(fc.constantFrom(...parts)).map((chosen) => chosen.join("")),
  );
  let taken = 0;
  fc.assert(
    fc.property(text, (uri) => {
      try {
        const place = parseGatewayUri(uri);
        taken++;
        expect(place.name).toBe(name);
        for (const url of place.urls) {
          expect(url).not.toMatch(/[?#]|\/$/);
          expect(new URL(url)).toMatchObject({ username: "", password: "" });
        }
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
      }
    }),
    { numRuns: 1000 },
  );
  expect(taken).toBeGreaterThan(100);
});

test("a remote is called by the URL of its name, unless it is given a label", () => {
  const url = "https://gateway.example";
  const remote = gatewayRemote({ url, name: `/ipns/${name}` });
  expect(remote).toMatchObject({ label: `${url}/ipns/${name}`, name });
  expect(gatewayRemoteFromUri(remote.label)).toMatchObject({ label: remote.label, name });
  expect(gatewayRemoteFromUri(remote.label, { label: "mine" }).label).toBe("mine");
});

test("it declares that it can only be read, and who can say that a content is not there", () => {
  const { storage, names } = gatewayRemoteFromUri(`ipns://${name}`);
  expect(storage.capabilities).toMatchObject({
    ...{ largestContent: 2 * 1024 * 1024, readYourWrites: false, delete: false, list: false },
    absence: "local",
  });
  expect(names.capabilities).toMatchObject({ compareAndSet: "none", readYourWrites: false, watch: false });
});
