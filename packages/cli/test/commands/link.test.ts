import { cp } from "node:fs/promises";
import { formatLink, parseLink } from "@remote-log/core";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

test("the link of a log is all that a reader needs, and every reading command takes it", async () => {
  const place = await Place.make({ apart: true });
  const { id, uri } = await place.log({ visibility: "private" });
  await place.ok(["append", "a", "b", "--publish"]);
  const link = (await place.ok(["link"])).out.trim();
  const parsed = parseLink(link);
  expect(parsed).toMatchObject({ logId: id, remotes: [uri], floor: { size: 2 } });
  const verified = await place.ok(["verify", link]);
  expect(verified.out).toContain(`root     ${Buffer.from(parsed.floor!.root!).toString("base64")}`);
  expect((await place.ok(["read", link])).out).toBe("a\nb\n");
  expect((await place.ok(["latest", link, "1"])).out).toBe("b\n");
  await place.ok(["proof", link, "--entry", "1", "--out", "proofs"]);
  const following = place.start(["follow", link, "--poll", "0.1"]);
  await following.shows("b\n");
  following.child.kill("SIGINT");
  expect((await following.ended).code).toBe(0);
});

test("init says how others get to read the log, and whether it is private", async () => {
  const place = await Place.make();
  const uri = place.uri();
  const { err } = await place.ok(["init", "--remote", uri]);
  expect(err).toContain("others can read it with what rlog link prints");
  expect(err).toContain("It is private");
  const open = await place.ok(["init", "--public", "--remote", uri, "--dir", "open"]);
  expect(open.err).toContain("whoever reaches a remote can read all entries");
});

test("a link names every remote, and --remote adds one that it does not name", async () => {
  const place = await Place.make();
  const [first, second] = [place.uri("first"), place.uri("second")];
  await place.ok(["init", "--remote", first, "--remote", `attic=${second}`]);
  await place.ok(["append", "a", "--publish"]);
  const link = (await place.ok(["link"])).out.trim();
  const { logId, remotes, key } = parseLink(link);
  expect(remotes).toEqual([first, second]);
  const gone = formatLink({ logId, key, remotes: [place.uri("gone")] });
  expect((await place.rlog(["read", gone])).code).toBe(4);
  expect((await place.ok(["read", gone, "--remote", second])).out).toBe("a\n");
  // The same remote by link and by option is one remote, and the label of the option counts.
  const verified = (await place.ok(["verify", link, "--remote", `mine=${second}`])).out;
  expect(verified.match(/^ok .*/gm)).toEqual([expect.stringMatching(/ first-\w+$/), "ok       mine"]);
  expect((await place.ok(["read", link, "--remote", first])).out).toBe("a\n");
});

test("remotes of kinds that this version does not know are left out where the link names others", async () => {
  const place = await Place.make();
  const { id: logId, uri } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  const link = formatLink({ logId, remotes: ["gopher://nowhere", uri] });
  expect((await place.ok(["read", link])).out).toBe("a\n");
});

test("a new reader with a link takes nothing older than the link knows, and nothing that contradicts it", async () => {
  const place = await Place.make();
  const { uri, remote } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  await cp(remote, place.path("older"), { recursive: true });
  await place.ok(["append", "b", "--publish"]);
  const link = parseLink((await place.ok(["link"])).out.trim());
  const older = await place.rlog([
    "read",
    formatLink({ ...link, remotes: [place.uri("older")] }),
    "--no-state",
  ]);
  expect(older).toMatchObject({ code: 3, out: "" });
  expect(older.err).toContain("[ERR_ROLLBACK]");
  const root = new Uint8Array(32).fill(1);
  const other = await place.rlog(["read", formatLink({ ...link, floor: { size: 1, root } }), "--no-state"]);
  expect(other).toMatchObject({ code: 3, out: "" });
  expect(other.err).toContain("[ERR_INTEGRITY]");
  expect((await place.ok(["read", formatLink({ ...link, remotes: [uri] })])).out).toBe("a\nb\n");
});

test("the link of a log that is not published has no floor, and says that readers find nothing yet", async () => {
  const place = await Place.make();
  await place.log();
  await place.ok(["append", "a"]);
  const { out, err } = await place.ok(["link"]);
  expect(parseLink(out.trim())).not.toHaveProperty("floor");
  expect(err).toContain("Nothing is published yet");
});

test("a log without remotes has no link", async () => {
  const place = await Place.make();
  await place.ok(["init"]);
  expect(await place.rlog(["link"])).toMatchObject({ code: 2, out: "" });
});

test("a link that is damaged is told, and its key is not shown", async () => {
  const place = await Place.make();
  await place.log({ visibility: "private" });
  const link = (await place.ok(["link"])).out.trim();
  // Another log id, of the right form.
  const damaged = link.slice(0, 9) + (link[9] === "0" ? "1" : "0") + link.slice(10);
  const { code, err } = await place.rlog(["--debug", "read", damaged]);
  expect(code).toBe(2);
  expect(err).toContain("The link is damaged");
  expect(err).not.toContain(link.slice(-40));
});
