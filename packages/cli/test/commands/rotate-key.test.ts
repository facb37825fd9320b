// The drill for a stolen key, by the command: a thief and the owner both publish, before and after the key is replaced.

import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { deviceSeed } from "@remote-log/core";
import { openWriterSeed, sealSeed, seedText } from "@remote-log/core/keyring";
import { seedFromWords } from "@remote-log/core/words";
import { whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { replaceFile } from "../../src/writing/durable-files.ts";
import { Place } from "../rlog.ts";
import { begin, link, seedIn, steal, WORDS } from "./recovery-words.ts";

for (const visibility of ["private", "public"] as const) {
  test(`${visibility} log: the owner shuts a thief out, readers end with the owner's log, and hold the proof`, async () => {
    const place = await Place.make();
    const { id, words } = await begin(place, ...(visibility === "public" ? ["--public"] : []));
    await place.ok(["append", "a", "b", "--publish"]);
    const before = await link(place);
    const thief = await steal(place);
    await place.ok(["append", "evil", "--publish", ...thief]);
    // Bob follows, and is shown what the thief wrote.
    const follow = ["read", "--state", "bob"];
    expect((await place.ok([...follow, before])).out).toBe("a\nb\nevil\n");

    await place.ok(["append", "c"]);
    const rotated = await place.ok(["rotate-key", "--recovery-file", "-"], words.toUpperCase());
    const after = rotated.out.trim();
    expect(after).toBe(await link(place));
    expect(rotated.err).toContain("What the key before it signs counts no more, from entry 3 on");
    if (visibility === "private") expect(rotated.err).toContain("no link from before opens what follows");
    expect(await place.ok(["append", "d", "--publish"])).toMatchObject({ code: 0 });

    const bob = await place.ok([...follow, after]);
    expect(bob.out).toBe("a\nb\nc\nd\n");
    const proof = place.path("bob", id, `former-key-${id}.json`);
    expect(bob.err).toContain(`former-key-${id}.json; rlog verify-fork checks it`);
    const { out } = await place.ok(["verify-fork", proof]);
    expect(out).toMatch(
      /^proved: somebody who has a former key of log .* signed 3 entries, .*when there were 3\n$/,
    );
    // It is told once.
    expect((await place.ok([...follow, after])).err).not.toContain("former-key");

    const late = await place.rlog(["publish", ...thief]);
    expect(late.code).toBe(3);
    expect(late.err).toContain("[ERR_SUPERSEDED]");
    expect((await place.ok(["read", "--no-state", after])).out).toBe("a\nb\nc\nd\n");
    const verified = (await place.ok(["verify", "--no-state", after])).out;
    expect(verified).toContain("replaced the signing key 1 time");
    expect((await place.ok(["status"])).out).toContain("signing key: replaced 1 time\n");
    expect(JSON.parse((await place.ok(["status", "--json"])).out)).toMatchObject({ keyReplaced: 1 });
    expect((await place.ok(["doctor"])).out).toContain("the signing key of the log was replaced 1 time\n");
    expect(JSON.parse((await place.ok(["doctor", "--json"])).out)).toMatchObject({
      remotes: [{ keyReplaced: 1 }],
    });
  });
}

test("a reader that follows what a thief wrote ends with the proof, and continues where the owner does", async () => {
  const place = await Place.make();
  const { id, words } = await begin(place, "--public");
  await place.ok(["append", "a", "--publish"]);
  const before = await link(place);
  const thief = await steal(place);
  await place.ok(["append", "evil", "--publish", ...thief]);
  const follow = ["follow", before, "--state", "bob", "--cursor", "main", "--poll", "0.1"];
  const following = place.start(follow);
  await following.shows("a\nevil\n");
  await place.ok(["rotate-key", "--recovery-file", "-"], words);
  await place.ok(["append", "b", "--publish"]);
  const ended = await following.ended;
  expect([ended.code, ended.out]).toEqual([3, "a\nevil\n"]);
  expect(ended.err).toMatch(/former-key-.*verify-fork checks it/);
  expect(ended.err).toMatch(/From entry 1 on.*\[ERR_SUPERSEDED\]/);
  await place.ok(["verify-fork", `bob/${id}/former-key-${id}.json`]);
  const again = place.start(follow);
  await again.shows("b\n");
  again.child.kill("SIGINT");
  expect((await again.ended).out).toBe("b\n");
});

test("a remote that still shows what a thief wrote needs care, and readers use the others", async () => {
  const place = await Place.make();
  const { id, words } = await begin(place, "--public", "--remote", "b=./b");
  await place.ok(["append", "a", "--publish"]);
  const both = await link(place);
  const thief = await steal(place);
  await place.ok(["append", "evil", "--publish", ...thief]);
  await place.ok(["remote", "remove", "b"]);
  await place.ok(["rotate-key", "--recovery-file", "-"], words);
  await place.ok(["append", "b", "--publish"]);
  expect((await place.ok(["read", both, "--state", "bob"])).out).toBe("a\nb\n");
  const doctor = await place.rlog(["doctor", "--remote", "b=./b", "--json"]);
  expect(doctor.code).toBe(5);
  const { remotes } = JSON.parse(doctor.out) as { remotes: object[] };
  expect(remotes[1]).toMatchObject({ state: "superseded", findings: [{ code: "ERR_SUPERSEDED" }] });
  // Alone, it is refused by whoever has seen the others.
  const alone = await place.rlog(["verify", id, "--remote", "./b", "--state", "bob"]);
  expect([alone.code, alone.out]).toEqual([3, ""]);
  expect(alone.err).toContain("[ERR_SUPERSEDED]");
  await place.ok(["remote", "add", "b=./b"]);
  await place.ok(["publish"]);
  await place.ok(["doctor"]);
});

test("the proof files that others check hold the key that signs now", async () => {
  const place = await Place.make();
  const { words } = await begin(place, "--public");
  await place.ok(["append", "a", "--publish"]);
  const key = async (): Promise<string> => {
    await place.ok(["proof", await link(place), "--entry", "0", "--out", "proofs"]);
    return readFile(place.path("proofs", "key.vkey"), "utf8");
  };
  const first = await key();
  await place.ok(["rotate-key", "--recovery-file", "-"], words);
  await place.ok(["append", "b", "--publish"]);
  expect(await key()).not.toBe(first);
});

test("the device is gone: the words bring the log back on another, and replace its key there", async () => {
  const place = await Place.make();
  const { words } = await begin(place);
  await place.ok(["append", "a", "--publish"]);
  const before = await link(place);
  const thief = await steal(place);
  await rm(place.path(".rlog"), { recursive: true });

  place.env = { PAPER: words };
  const recovered = await place.ok(["recover", before, "--seed-file", "env:PAPER"]);
  expect(recovered.err).toContain("The signing key of the log has never been replaced");
  expect((await seedIn(place)).generation).toBe(0);
  await place.ok(["rotate-key", "--recovery-file", "env:PAPER"]);
  const after = await link(place);
  await place.ok(["append", "b", "--publish"]);
  const late = await place.rlog(["append", "evil", "--publish", ...thief]);
  expect(late.err).toContain("[ERR_SUPERSEDED]");

  // And once more, on a third: the words lead to the key of today.
  const again = await place.ok(["recover", after, "--seed-file", "-", "--dir", "phone"], words);
  expect(again.err).toContain("The signing key of the log has been replaced 1 time");
  expect((await seedIn(place, "phone")).generation).toBe(1);
  await place.ok(["append", "c", "--publish", "--dir", "phone"]);
  expect((await place.ok(["read", "--no-state", after])).out).toBe("a\nb\nc\n");
});

test("a device that the key was replaced without is told so, and continues with the words", async () => {
  const place = await Place.make();
  const { words } = await begin(place);
  await place.ok(["append", "a", "--publish"]);
  await steal(place, "old");
  const old = ["--dir", "old"];
  await place.ok(["rotate-key", "--recovery-file", "-"], words);
  const refused = await place.rlog(["rotate-key", "--recovery-file", "-", ...old], words);
  expect([refused.code, refused.out]).toEqual([3, ""]);
  expect(refused.err).toMatch(/replaced on another device.*rlog recover --seed-file.*\[ERR_SUPERSEDED\]/);
  expect((await seedIn(place, "old")).generation).toBe(0);
  const publish = await place.rlog(["publish", ...old]);
  expect(publish.err).toContain("rlog recover --seed-file -, with the recovery words");
  const other = await place.ok(["init", "--recovery-words", "--dir", "other"]);
  const wrong = await place.rlog(["recover", "--seed-file", "-", ...old], other.out.match(WORDS)!.join(""));
  expect(wrong.err).toMatch(/not the recovery words of the log.*Nothing was changed.*\[ERR_SEED\]/);
  await place.ok(["recover", "--seed-file", "-", ...old], words);
  expect((await seedIn(place, "old")).generation).toBe(1);
  await place.ok(["append", "b", "--publish", ...old]);
  expect((await place.ok(["read", "--no-state", await link(place, ...old)])).out).toBe("a\nb\n");
});

test("a rotation that was cut is finished by the same command, and is one", async () => {
  const place = await Place.make();
  const { words } = await begin(place);
  await place.ok(["append", "a", "--publish"]);
  const rotate = ["rotate-key", "--recovery-file", "-"];
  const keyReplaced = async (): Promise<number> =>
    (JSON.parse((await place.ok(["status", "--json"])).out) as { keyReplaced: number }).keyReplaced;

  // Cut before the seed was replaced.
  await writeFile(place.path(".rlog", "rotation"), "1\n");
  await place.ok(rotate, words);
  expect(await keyReplaced()).toBe(1);
  expect((await seedIn(place)).generation).toBe(1);

  // Cut before the next key was made the one that signs.
  const next = await deviceSeed(seedFromWords(words), 2);
  await replaceFile(place.path(".rlog"), "rotation", "2\n");
  await replaceFile(place.path(".rlog"), "seed", seedText(next));
  await place.ok(rotate, words);
  expect(await keyReplaced()).toBe(2);
  // The folder is no copy because of that.
  const { ino } = await stat(place.path(".rlog", "seed"));
  expect(await readFile(place.path(".rlog", "place"), "utf8")).toMatch(new RegExp(`^${ino} `));

  // Cut before readers saw it.
  await place.ok(["remote", "add", "gone=/proc/nothing"]);
  const cut = await place.rlog(rotate, words);
  expect(cut.code).not.toBe(0);
  expect(cut.err).toContain("run rlog rotate-key again");
  expect(await keyReplaced()).toBe(3);
  await place.ok(["remote", "remove", "gone"]);
  await place.ok(rotate, words);
  expect(await keyReplaced()).toBe(3);
  // One that is whole is followed by another.
  await place.ok(rotate, words);
  expect(await keyReplaced()).toBe(4);
  await place.ok(["append", "b", "--publish"]);
  expect((await place.ok(["read", "--no-state", await link(place)])).out).toBe("a\nb\n");
});

test("other words, a log without recovery words, and a copy of the folder that lacks entries are refused", async () => {
  const place = await Place.make();
  const { words } = await begin(place);
  await place.ok(["append", "a", "--publish"]);
  const seed = await readFile(place.path(".rlog", "seed"), "utf8");
  const rotate = ["rotate-key", "--recovery-file", "-"];
  await place.ok(["init", "--dir", "plain"]);
  const plain = (await place.ok(["words", "--dir", "plain"])).out;
  expect((await place.rlog(rotate, plain)).err).toMatch(/not the recovery words of log .*\[ERR_SEED\]/);
  expect((await place.rlog(rotate, "abandon ability")).err).toMatch(/\[ERR_SEED\]/);
  expect((await place.rlog(rotate, seed)).err).toMatch(/seed of a device.*\[ERR_SEED\]/);
  expect((await place.rlog(["rotate-key"])).err).toMatch(/words are needed.*--recovery-file.*\[ERR_SEED\]/);
  expect((await place.rlog([...rotate, "--passphrase-file", "-"], words)).code).toBe(2);
  const none = await place.rlog([...rotate, "--dir", "plain"], words);
  expect(none.err).toMatch(/has no recovery words.*\[ERR_NO_RECOVERY\]/);

  await steal(place, "copy");
  await place.ok(["append", "b", "--publish"]);
  const copy = await place.rlog([...rotate, "--dir", "copy"], words);
  expect(copy.err).toMatch(/\[ERR_RESTORED\]/);
  expect(await readFile(place.path("copy", "seed"), "utf8")).toBe(seed);
  expect(await readFile(place.path(".rlog", "seed"), "utf8")).toBe(seed);
});

test("recovery words are on paper alone, and no other words are taken for them", async () => {
  const place = await Place.make();
  const { words, id, uri } = await begin(place);
  const file = place.path(".rlog", "seed");
  expect(await readFile(file, "utf8")).toMatch(/^device-seed-v1:0:[0-9a-f]{64}:[0-9a-f]{64}\n$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const shown = await place.rlog(["words"]);
  expect([shown.code, shown.out]).toEqual([1, ""]);
  expect(shown.err).toMatch(/are not on this device.*\[ERR_SEED\]/);
  expect((await place.rlog(["init", "--recovery-words", "--seed-file", "x", "--dir", "y"])).code).toBe(2);

  // Nothing is published yet: the log follows from the words all the same.
  await place.ok(["recover", id, "--remote", uri, "--seed-file", "-", "--dir", "phone"], words);
  expect(await readFile(place.path("phone", "seed"), "utf8")).toBe(await readFile(file, "utf8"));
  await place.ok(["init", "--dir", "plain"]);
  const plain = (await place.ok(["words", "--dir", "plain"])).out;
  const wrong = await place.rlog(
    ["recover", id, "--remote", uri, "--seed-file", "-", "--dir", "wrong"],
    plain,
  );
  expect(wrong.err).toMatch(/neither the seed of log .* nor its recovery words.*\[ERR_SEED\]/);
  await expect(stat(place.path("wrong"))).rejects.toThrow("ENOENT");
  // What is in the folder brings it back as well.
  await place.ok(["recover", id, "--remote", uri, "--seed-file", file, "--dir", "copy"]);
});

// Each opening and sealing takes a second, and more on a machine that is busy.
test.runIf(whole)("a seed that is sealed stays so when the key is replaced", async () => {
  const place = await Place.make();
  const { words } = await begin(place);
  await place.ok(["append", "a", "--publish"]);
  const file = place.path(".rlog", "seed");
  const held = await seedIn(place);
  await writeFile(file, await sealSeed(held, "orbit velvet canyon", { workFactor: 2 }));
  place.env = { SECRET: "orbit velvet canyon" };
  const given = ["--passphrase-file", "env:SECRET"];
  await place.ok(["rotate-key", "--recovery-file", "-", ...given], words);
  const sealed = await readFile(file, "utf8");
  expect(sealed).toContain("BEGIN AGE ENCRYPTED FILE");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await openWriterSeed(sealed, "orbit velvet canyon")).toMatchObject({ generation: 1 });
  await place.ok(["append", "b", "--publish", ...given]);
});
