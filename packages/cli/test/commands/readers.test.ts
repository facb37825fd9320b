// Readers by name on the command line: granted, shut out, and told why.

import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

test("a reader by name reads with a link that holds no key, until it is shut out", async () => {
  const place = await Place.make();
  await place.log({ visibility: "private" });
  const bob = (await place.ok(["reader-key", "bob"])).out.trim();
  const carol = (await place.ok(["reader-key", "carol"])).out.trim();
  await place.ok(["append", "one"]);
  const granted = await place.ok(["grant", "--with-history", bob]);
  expect(granted.err).toContain("1 reader may read the whole log");
  expect((await place.ok(["grant", bob])).err).toContain("nothing has changed");
  expect((await place.ok(["grant", carol])).err).toMatch(
    /may read from entry 1 on.*\n.*read key has changed/,
  );
  await place.ok(["append", "two", "--publish"]);
  const open = (await place.ok(["link", "--no-key"])).out.trim();
  const read = (who: string, ...more: string[]) =>
    place.rlog(["read", open, "--no-state", "--identity", who, ...more]);
  expect((await read("bob")).out).toBe("one\ntwo\n");
  expect((await read("carol", "--from", "1")).out).toBe("two\n");
  const early = await read("carol");
  expect([early.code, early.out]).toEqual([1, ""]);
  expect(early.err).toMatch(/has not named you.*\[ERR_NO_KEY\]/);
  expect((await place.ok(["readers"])).out).toBe(`${bob} everything\n${carol} from entry 1 on\n`);
  expect(JSON.parse((await place.ok(["readers", "--json"])).out.split("\n")[1]!)).toEqual({
    recipient: carol,
    withHistory: false,
    from: 1,
  });

  const before = (await place.ok(["link"])).out.trim();
  expect((await place.ok(["revoke", bob])).err).toContain("The read key changes at entry 2");
  await place.ok(["append", "three", "--publish"]);
  expect((await read("carol", "--from", "1")).out).toBe("two\nthree\n");
  const out = await read("bob");
  expect([out.code, out.out]).toEqual([1, "one\ntwo\n"]);
  expect(out.err).toMatch(/Ask the writer to grant you access.*\[ERR_NO_KEY\]/);
  const old = await place.rlog(["read", before, "--no-state"]);
  expect([old.code, old.out]).toEqual([1, "one\ntwo\n"]);
  expect(old.err).toMatch(/the writer has changed the key. Ask the writer for a new link.*\[ERR_NO_KEY\]/);
  const link = (await place.ok(["link"])).out.trim();
  expect((await place.ok(["read", link, "--no-state"])).out).toBe("one\ntwo\nthree\n");
  expect((await place.ok(["verify", link, "--no-state"])).out).toContain("all of it opened with the key");
  const verified = await place.ok(["verify", open, "--no-state", "--chain"]);
  expect(verified.out).toContain("not opened, for want of the key");
  // By name: as far as that was granted.
  const verify = (who: string) => place.rlog(["verify", open, "--no-state", "--identity", who]);
  expect((await verify("carol")).out).toContain(
    "opened by your identity, but for 1 entry that the writer has not granted to you",
  );
  expect((await verify("bob")).out).toContain("but for 1 entry that");
  await place.ok(["reader-key", "dave"]);
  const dave = await verify("dave");
  expect([dave.code, dave.out]).toEqual([1, ""]);
  expect(dave.err).toMatch(/has not named you.*\[ERR_NO_KEY\]/);
  await place.ok(["grant", "--with-history", bob]);
  await place.ok(["publish"]);
  expect((await verify("bob")).out).toContain("sealed; all of it opened by your identity\n");
  await place.ok(["doctor", "--whole"]);
  await place.ok(["mirror", open, "--to", "./mirror", "--no-state"]);
  const there = (await place.ok(["link", "--no-key", "--remote", "./mirror"])).out.trim();
  expect((await place.ok(["read", there, "--no-state", "--identity", "carol", "--from", "1"])).out).toBe(
    "two\nthree\n",
  );
});

test("what can't be granted is refused, and an identity that is none as well", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  const bob = (await place.ok(["reader-key", "bob"])).out.trim();
  expect((await place.rlog(["grant", bob])).err).toContain("This log is public");
  await place.ok(["init", "--dir", "private"]);
  expect((await place.rlog(["grant", "bob", "--dir", "private"])).err).toContain("This names no reader");
  expect((await place.ok(["readers", "--dir", "private"])).err).toContain("Nobody is named");
  expect((await place.ok(["revoke", bob, "--dir", "private"])).err).toContain("was not among the readers");
  const read = await place.rlog(["read", id, "--remote", uri, "--identity", "nothing"]);
  expect([read.code, read.out]).toEqual([1, ""]);
  expect(read.err).toMatch(/there is no such file.*\[ERR_IDENTITY\]/);
  expect((await place.rlog(["read", "--identity", "bob"])).code).toBe(2);
});
