// Text of others in everything that `rlog` prints, on a terminal and elsewhere.

import { readFile, writeFile } from "node:fs/promises";
import { formatLink } from "@remote-log/core";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

/** A command for the terminal in three forms, a text that is shown in another order, and one that nobody sees. */
const HOSTILE = "a\u001b[2J\u009b2J\u007f\u202e\u2066b\u200b\ufeffc\u{e0041}";
/** Nothing of that, whatever it is made of. */
const SAFE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u;

function expectSafe(text: string): void {
  for (const line of text.split("\n")) expect(line).toMatch(SAFE);
}

test("entries are cleaned on a terminal, and are the same bytes elsewhere", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--whole", "--publish"], HOSTILE);
  for (const words of [
    ["read", id],
    ["latest", id],
    ["read", id, "--json"],
    ["latest", id, "--json"],
  ]) {
    const command = [...words, "--remote", uri];
    place.terminal = true;
    const shown = (await place.ok(command)).out;
    expectSafe(shown);
    place.terminal = false;
    const { out } = await place.ok(command);
    if (!words.includes("--json")) {
      expect(shown).toContain("<U+202E><U+2066>b<U+200B><U+FEFF>c<U+E0041>");
      expect(out).toBe(`${HOSTILE}\n`);
      continue;
    }
    expectSafe(out);
    for (const text of [shown, out]) expect(JSON.parse(text)).toMatchObject({ content: HOSTILE });
  }
});

test("labels, URIs and errors of others are cleaned wherever they are printed", async () => {
  const place = await Place.make();
  const { id } = await place.log();
  const file = place.path(".rlog", "config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as { remotes: Record<string, string> };
  const uri = Object.values(config.remotes)[0]!;
  await writeFile(file, JSON.stringify({ ...config, remotes: { [`x${HOSTILE}`]: uri } }));
  const hostileUri = `file:///gone/${HOSTILE.replaceAll(/\p{Cc}/gu, "")}`;
  const link = formatLink({ logId: id, remotes: [`file:///proc/${encodeURIComponent(HOSTILE)}`] });
  for (const words of [
    ["status"],
    ["status", "--json"],
    ["publish"],
    ["doctor"],
    ["doctor", "--json"],
    ["doctor", id, "--remote", hostileUri],
    ["doctor", id, "--remote", hostileUri, "--json"],
    ["read", id, "--remote", hostileUri, "--no-state"],
    ["--debug", "read", id, "--remote", hostileUri, "--no-state"],
    ["--debug", "read", id, "--remote", `scheme${HOSTILE}:x`],
    ["read", link],
    ["verify-fork", `gone${HOSTILE}`],
    [`--${HOSTILE}`],
    [HOSTILE],
  ]) {
    for (const terminal of [true, false]) {
      place.terminal = terminal;
      const { out, err } = await place.rlog(words);
      expectSafe(out);
      expectSafe(err);
      expect(out + err).not.toBe("");
    }
  }
});
