import { writeFile } from "node:fs/promises";
import { decodeMvdsMessage, encodeMvdsMessage, mvdsMessageId } from "@remote-log/core";
import { expect, test } from "vitest";
import { Place } from "./rlog.ts";

test("what is appended as arguments, from a file, from standard input and whole is read in another process", async () => {
  const place = await Place.make({ apart: true });
  const { id, uri } = await place.log();
  await place.ok(["append", "one", "two words", "--publish"]);
  await writeFile(place.path("lines"), "a\r\n\nb\rc\nlast");
  await place.ok(["append", "--file", "lines"]);
  await place.ok(["append"], "from a pipe\n");
  await place.ok(["append", "--whole"], "two\nlines\n");
  await place.ok(["publish"]);

  const { out, err } = await place.ok(["read", id, "--remote", uri, "--json"]);
  const entries = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries.map(({ content }) => content)).toEqual([
    "one",
    "two words",
    "a",
    "",
    "b\rc",
    "last",
    "from a pipe",
    "two\nlines\n",
  ]);
  expect(entries.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(entries[0]).toEqual({
    sequence: 0,
    id: "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
    receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    content: "one",
  });
  expect(err).toBe("");
  // The time is that of the first run, also of another command; without a state there is none.
  expect((await place.ok(["read", id, "--remote", uri, "--json"])).out).toBe(out);
  expect((await place.ok(["latest", id, "8", "--remote", uri, "--json"])).out).toBe(out);
  const stateless = await place.ok(["read", id, "--remote", uri, "--json", "--no-state"]);
  expect(stateless.out).toBe(out.replaceAll(/"receivedAt":"[^"]+",/g, ""));
});

test("plain output is each content and a newline, byte for byte", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], "é\u001b[31m\ufeff\n\nend\n");
  const { out } = await place.ok(["read", id, "--remote", uri]);
  expect(out).toBe("é\u001b[31m\ufeff\n\nend\n");
});

test("a content that is no UTF-8 goes as base64, and a byte order mark stays", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append"], Uint8Array.of(0xff, 0x00, 0x0a, 0xef, 0xbb, 0xbf, 0x41));
  await place.ok(["publish"]);
  const { out } = await place.ok(["read", id, "--remote", uri, "--json"]);
  const [first, second] = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({ contentBase64: "/wA=" });
  expect(first).not.toHaveProperty("content");
  expect(second).toMatchObject({ content: "\ufeffA" });
});

test("latest writes the newest entries, oldest first, and read begins where --from says", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], "0\n1\n2\n3\n4\n");
  expect((await place.ok(["latest", id, "--remote", uri])).out).toBe("4\n");
  expect((await place.ok(["latest", id, "3", "--remote", uri])).out).toBe("2\n3\n4\n");
  expect((await place.ok(["read", id, "--remote", uri, "--from", "3"])).out).toBe("3\n4\n");
  expect((await place.ok(["read", id, "--remote", uri, "--from", "99"])).out).toBe("");
});

test("status tells what is here and what each remote has", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "a", "b"]);
  const before = JSON.parse((await place.ok(["status", "--json"])).out) as object;
  expect(before).toMatchObject({
    logId: id,
    size: 2,
    remotes: [{ uri, stored: 0, published: 0, confirmed: 0 }],
  });
  await place.ok(["publish"]);
  await place.ok(["append", "c"]);
  const after = JSON.parse((await place.ok(["status", "--json"])).out) as object;
  expect(after).toMatchObject({ size: 3, remotes: [{ stored: 2, published: 2, confirmed: 2 }] });
  expect((await place.ok(["status"])).out).toContain("stored 2, published 2, confirmed 2");
});

test("why the last publish failed stays in the status until one succeeds", async () => {
  const place = await Place.make({ apart: true });
  await writeFile(place.path("occupied"), "a file where the remote's folder should be");
  const uri = place.uri("occupied");
  await place.ok(["init", "--public", "--remote", `attic=${uri}`]);
  const failed = await place.rlog(["append", "a", "--publish"]);
  expect(failed.code).not.toBe(0);
  const [remote] = (
    JSON.parse((await place.ok(["status", "--json"])).out) as { remotes: Record<string, unknown>[] }
  ).remotes;
  expect(remote).toMatchObject({ label: "attic", lastError: { code: expect.stringMatching(/^ERR_/) } });
});

test("every file of a log is in several remotes, and one is enough to read it", async () => {
  const place = await Place.make();
  const [first, second] = [place.uri("first"), place.uri("second")];
  const { out } = await place.ok(["init", "--public", "--remote", first, "--remote", second]);
  await place.ok(["append", "a", "--publish"]);
  const id = out.trim();
  const gone = place.uri("gone");
  expect((await place.ok(["read", id, "--remote", second, "--remote", gone])).out).toBe("a\n");
});

test("verify reads all of a log and shows what it checked", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], Array.from({ length: 40 }, (_, i) => `entry ${i}\n`).join(""));
  const { out } = await place.ok(["verify", id, "--remote", uri, "--chain"]);
  expect(out).toContain(`log      ${id}\n`);
  expect(out).toContain("size     40 entries\n");
  expect(out).toContain("pages    4 of 8 entries, 8 in the head\n");
  expect(out).toContain("chain    4 pages along tail, the same entries\n");
});

test("a log of MVDS messages takes these alone, and is read and verified like any other", async () => {
  const place = await Place.make();
  const uri = place.uri();
  const id = (await place.ok(["init", "--public", "--identifiers", "mvds", "--remote", uri])).out.trim();
  const message = encodeMvdsMessage({
    groupId: new Uint8Array(32).fill(7),
    timestamp: 1n,
    body: new TextEncoder().encode("hello"),
    parents: [],
    ephemeral: false,
  });
  await place.ok(["append", "--whole", "--publish"], message);
  const { out } = await place.ok(["read", id, "--remote", uri, "--json"]);
  const entry = JSON.parse(out) as { id: string };
  expect(entry.id).toBe(Buffer.from(mvdsMessageId(decodeMvdsMessage(message))).toString("hex"));
  await place.ok(["verify", id, "--remote", uri]);
  const refused = await place.rlog(["append", "no message"]);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("[ERR_MALFORMED]");
});
