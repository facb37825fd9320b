// `rlog mirror --cosign` and `rlog verify --policy`.

import { chmod, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `entry ${from + i}\n`).join("");

/** A log, and the words that mirror and verify it. */
async function published() {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], lines(0, 30));
  const copy = place.uri("copy");
  const key = place.path("keys", "mirror.key");
  const mirror = (...more: string[]) => [
    "mirror",
    id,
    "--remote",
    uri,
    "--to",
    copy,
    "--cosign",
    key,
    ...more,
  ];
  const verify = (remotes: string[], ...more: string[]) => [
    "verify",
    id,
    ...remotes.flatMap((remote) => ["--remote", remote]),
    "--policy",
    "policy",
    ...more,
  ];
  return { place, id, uri, copy, key, mirror, verify };
}

test("a mirror makes its key, signs what it keeps, and a policy that names it holds for its copy alone", async () => {
  const { place, uri, copy, key, mirror, verify } = await published();
  const { out, err } = await place.ok(
    mirror("--cosign-name", "mirror.example/attic", "--checkpoint", "signed"),
  );
  expect(out).toMatch(/; the name was set; read back, and signed\n$/);
  const witness = /^witness NAME (mirror\.example\/attic\+\S+)$/m.exec(err)![1]!;
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  await writeFile(place.path("policy"), `witness attic ${witness}\nquorum attic\n`);

  const good = await place.ok(verify([uri, copy]));
  expect(good.out).toMatch(
    /^policy {3}holds for 30 entries: quorum attic\n {9}attic \(mirror\.example\/attic\) cosigned it at 2/m,
  );
  const bad = await place.rlog(verify([uri]));
  expect(bad.code).toBe(3);
  expect(bad.out).toMatch(
    /^policy {3}does not hold for 30 entries: quorum attic is missing\n {9}attic .* did not cosign it/m,
  );
  expect(bad.err).toContain("[ERR_NO_QUORUM]");
  // The signature also counts from a file.
  expect((await place.ok(verify([uri], "--checkpoint", "signed"))).out).toContain("policy   holds");

  // The writer continues: the mirror's copy is behind, and that is told.
  await place.ok(["append", "--publish"], lines(30, 40));
  // Each remote is verified by itself: with what was kept, one that is behind ends the command.
  const behind = await place.rlog(verify([uri, copy], "--no-state"));
  expect(behind.code).toBe(3);
  expect(behind.out).toContain("policy   does not hold for 40 entries");
  expect(behind.out).toContain("it holds for the first 30 entries");
  const again = await place.ok(mirror("--json"));
  expect(JSON.parse(again.out)).toMatchObject({
    size: 40,
    cosigned: { note: expect.stringContaining(witness.split("+")[0]!) },
  });
  expect((await place.ok(verify([uri, copy]))).out).toContain("policy   holds for 40 entries");
  expect((await place.ok(mirror())).out).toContain(
    "0 bytes; the name already showed that; read back, and signed",
  );
});

test("a key whose signatures are gone, that is damaged or has another name is refused, and nothing is copied", async () => {
  const { place, key, mirror } = await published();
  await place.ok(mirror());
  const refused = async (words: readonly string[], why: string): Promise<void> => {
    const { code, out, err } = await place.rlog(words);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(why);
    expect(err).toContain("[ERR_COSIGNER]");
  };
  await refused(mirror("--cosign-name", "other.example"), "and not other.example");
  const secret = await readFile(key, "utf8");
  expect(secret).toMatch(/^PRIVATE\+KEY\+mirror\.invalid\/[0-9a-f]{16}\+[0-9a-f]{8}\+\S{44}\n$/);
  await writeFile(key, secret.replace("+", "-"));
  await refused(mirror(), "does not hold such a key");
  await writeFile(key, `${"x".repeat(4096)}\n`);
  await refused(mirror(), "more than 4096 bytes");
  await writeFile(key, secret);
  // The folder is that of another key.
  await place.ok(mirror().with(-1, `${key}2`));
  await rename(`${key}.signed`, `${key}.kept`);
  await rename(`${key}2.signed`, `${key}.signed`);
  await refused(mirror(), "could sign what contradicts that");
  await rm(`${key}.signed`, { recursive: true });
  await refused(mirror(), "Restore the folder");
  await rename(`${key}.kept`, `${key}.signed`);
  await chmod(key, 0o644);
  expect((await place.ok(mirror())).err).toContain("can sign what this mirror never kept");
});

test("a policy or a checkpoint that can't be read is refused before anything is read", async () => {
  const { place, id, uri, verify } = await published();
  await writeFile(place.path("policy"), "quorum X\n");
  const { code, err } = await place.rlog(verify([uri]));
  expect(code).toBe(1);
  expect(err).toContain("line 1 names X");
  expect(err).toContain("[ERR_POLICY]");
  await writeFile(place.path("policy"), "quorum none\n");
  expect((await place.ok(verify([uri]))).out).toContain("policy   holds for 30 entries: quorum none");
  expect((await place.rlog(verify([uri], "--checkpoint", "policy"))).err).toContain(
    "can't be used as a checkpoint",
  );
  expect((await place.rlog(verify([uri], "--checkpoint", "missing"))).err).toContain("[ENOENT]");
  const words = ["verify", id, "--remote", uri, "--checkpoint", "policy"];
  expect((await place.rlog(words)).code).toBe(2);
  const alone = ["mirror", id, "--remote", uri, "--to", place.uri("copy"), "--checkpoint", "x"];
  expect((await place.rlog(alone)).code).toBe(2);
});

test("a policy that names another log does not hold", async () => {
  const { place, uri, verify } = await published();
  const other = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  await writeFile(place.path("policy"), `log ${other}\nquorum none\n`);
  const { code, out } = await place.rlog(verify([uri]));
  expect(code).toBe(3);
  expect(out).toContain("it does not accept this log, or its key");
});
