import { formatLink, ReadKey } from "@remote-log/core";
import { expect, test } from "vitest";
import { formatInvitation, parseInvitation } from "../../src/invite/invite-link.ts";
import { GroupKeys, mailboxSeed } from "../../src/keys.ts";

const secret = new Uint8Array(32).fill(7);
const welcome = { logId: "ab".repeat(32), remotes: ["s3://bucket/prefix", "https://example.org/x?y=z"] };

test("an invitation comes back as it was", () => {
  for (const expires of [1_795_000_000_000, Number.POSITIVE_INFINITY]) {
    const invitation = { welcome, secret, expires };
    expect(parseInvitation(formatInvitation(invitation))).toEqual(invitation);
  }
});

test("damage of any one character is told, without a word of the secret", () => {
  const text = formatInvitation({ welcome, secret, expires: 1_795_000_000_000 });
  for (let at = 0; at < text.length; at++) {
    const damaged = `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`;
    const thrown = catching(() => parseInvitation(damaged));
    expect(thrown).toMatchObject({ code: expect.stringMatching(/^ERR_(INVALID_INPUT|UNSUPPORTED)$/) });
    expect(String((thrown as Error).message)).not.toContain(text.slice(-40, -10));
  }
});

test.each<[string, string]>([
  ["a link", formatLink({ ...welcome, key: new ReadKey(secret) })],
  ["a link without a key", `rlog-invite:${formatLink(welcome).slice(5)}`],
  ["a time that is none", withUntil("tomorrow")],
  ["a time with too many digits", withUntil("1".repeat(16))],
  ["nothing", ""],
])("%s is no invitation", (_, text) => {
  expect(() => parseInvitation(text)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
});

test("every key of a device and of an invitation is another one, and follows from the seed", () => {
  const keys = new GroupKeys(secret);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  const all = [
    keys.messages,
    keys.control,
    keys.attachments,
    keys.invitation(0),
    keys.invitation(1),
    keys.attachments,
    keys.welcome(0),
    keys.welcome(1),
    mailboxSeed(keys.invitation(0)),
  ].map(hex);
  expect(new Set([...all, keys.identity]).size).toBe(9);
  // HKDF-SHA-256 of the label in docs/groups.md, worked out with node:crypto.
  expect(hex(keys.control)).toBe("941007f3bda809d0ce5fc760336b22f719e65f845d60316321971dc87af3f302");
  expect(keys.identity).toMatch(/^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/);
  expect(() => new GroupKeys(new Uint8Array(31))).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
  );
});

function withUntil(until: string): string {
  const link = formatLink({ ...welcome, further: [["until", until]], key: new ReadKey(secret) });
  return `rlog-invite:${link.slice(5)}`;
}

function catching(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
