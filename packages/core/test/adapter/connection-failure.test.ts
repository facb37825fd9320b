// Names without an address and certificates that can't be trusted: told by their codes, for every adapter alike.
import { isRemoteLogError, type RemoteLogError, UnreachableError } from "@remote-log/core";
import {
  byThisClock,
  connectionFailure,
  defineStorage,
  failureOf,
  type OperationContext,
} from "@remote-log/core/adapter";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { storageDriver } from "./fake-drivers.ts";

const context = { operation: "storage.get", action: "reading a content at https://db.example" };

function thrown(code: string, message = "words that decide nothing"): TypeError {
  const deepest = Object.assign(new Error(message), { code });
  return new TypeError("fetch failed", { cause: new Error("between", { cause: deepest }) });
}

test.each([
  ["ENOTFOUND", "unknown-host", "safe", "name"],
  ["EAI_AGAIN", "no-name-service", "safe", "DNS"],
  ["CERT_HAS_EXPIRED", "expired-certificate", "never", "clock"],
  ["CERT_NOT_YET_VALID", "early-certificate", "never", "clock"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "wrong-host-certificate", "never", "another host"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed-certificate", "never", "NODE_EXTRA_CA_CERTS"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "untrusted-certificate", "never", "NODE_EXTRA_CA_CERTS"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "untrusted-certificate", "never", "NODE_EXTRA_CA_CERTS"],
])("%s, however deep, is %s", (code, reason, retry, word) => {
  const error = connectionFailure(thrown(code), context) as RemoteLogError;
  expect(isRemoteLogError(error)).toBe(true);
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", reason, retry, operation: "storage.get" });
  expect(error.message).toContain(code);
  expect(error.message).toContain("https://db.example");
  expect(error.message).toContain(word);
});

test("a certificate that time decides about names the date of this machine's clock", () => {
  expect(byThisClock(Date.UTC(2019, 0, 2))).toBe("by the clock of this machine (2019-01-02)");
  const clock = /by the clock of this machine \(\d{4}-\d\d-\d\d\)/;
  for (const code of ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"])
    expect(connectionFailure(thrown(code), context)?.message).toMatch(clock);
  for (const code of ["CERT_REVOKED", "ERR_TLS_CERT_ALTNAME_INVALID", "ENOTFOUND"])
    expect(connectionFailure(thrown(code), context)?.message).not.toMatch(clock);
});

test("what was to be written was not sent, and that is no question", () => {
  const writing = { operation: "storage.put", action: "storing a content at https://db.example" };
  expect(failureOf("unreachable", writing, {}).message).toMatch(/outcome of the write is unknown/);
  for (const code of ["ENOTFOUND", "CERT_REVOKED"])
    expect(connectionFailure(thrown(code), writing)?.message).not.toMatch(/outcome of the write is unknown/);
});

test("no text decides, and no other code does", () => {
  const texts = "certificate has expired CERT_HAS_EXPIRED getaddrinfo ENOTFOUND";
  for (const code of ["ECONNREFUSED", "ECONNRESET", ""])
    expect(connectionFailure(thrown(code, texts), context)).toBeUndefined();
  for (const odd of [undefined, null, "CERT_HAS_EXPIRED", 7, {}, new Error(texts)])
    expect(connectionFailure(odd, context)).toBeUndefined();
});

test("a chain of causes that leads back into itself ends", () => {
  const circle = new Error("round");
  circle.cause = circle;
  expect(connectionFailure(circle, context)).toBeUndefined();
});

test("the cause has the words of the deepest error, cleaned, and nothing else of it", () => {
  const deepest = Object.assign(new Error("Host: x\u001b[2J of https://user:hunter2@db.example"), {
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
    cert: { raw: "…" },
  });
  const { cause } = connectionFailure(new TypeError("fetch failed", { cause: deepest }), context)!;
  expect(cause).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID", message: expect.any(String) });
  expect((cause as Error).message).not.toMatch(/\p{Cc}|hunter2/u);
  expect(cause).not.toHaveProperty("cert");
});

test("the shell says it for a driver whose translation knows nothing of it", async () => {
  const { driver } = storageDriver({
    async get(): Promise<undefined> {
      throw thrown("ENOTFOUND");
    },
    translate: (cause: unknown, { operation }: OperationContext) =>
      new UnreachableError("Something.", { operation, cause }),
  });
  const storage = defineStorage(driver);
  const address = await storage.put(new Uint8Array([1]));
  const error = await failure<RemoteLogError>(storage.get(address));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", reason: "unknown-host", operation: "storage.get" });
});
