import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const commands = [
  "init",
  "append",
  "publish",
  "status",
  "link",
  "recover",
  "read",
  "latest",
  "follow",
  "verify",
  "proof",
  "verify-fork",
  "mirror",
  "export",
  "import",
  "fsck",
  "keep",
  "doctor",
  "repair",
  "words",
  "settings",
  "passphrase",
  "remote",
  "completion",
  "version",
];

test("help lists the commands and the exit codes", async () => {
  const { out } = await (await Place.make()).ok(["--help"]);
  for (const command of commands) expect(out).toContain(`\n  ${command} `);
  expect(out).toContain("3  verification failed");
});

test("the help of every command has an example", async () => {
  const place = await Place.make();
  const helps = await Promise.all(commands.map((command) => place.ok([command, "--help"])));
  for (const { out } of helps) expect(out).toContain(`Examples:\n  `);
  for (const [i, { out }] of helps.entries()) expect(out).toContain(`rlog ${commands[i]}`);
});

const id = "0".repeat(64);
test.each([
  ["an unknown command", ["publsh"]],
  ["no command", []],
  ["an unknown option", ["publish", "--fast"]],
  ["a log id that is none", ["read", "abc", "--remote", "file:///nowhere"]],
  ["no remote", ["read", id]],
  ["a remote of an unknown kind", ["read", id, "--remote", "gopher://nowhere"]],
  ["a remote that is no URI", ["read", id, "--remote", "nowhere"]],
  ["a relative file URI", ["read", id, "--remote", "file:nowhere"]],
  ["a number that is none", ["read", id, "--remote", "file:///nowhere", "--from", "-1"]],
  ["a cursor without state", ["follow", id, "--remote", "file:///nowhere", "--cursor", "a", "--no-state"]],
  ["texts and a file", ["append", "text", "--file", "lines"]],
  ["how often to publish, and not whether", ["append", "text", "--every", "5s"]],
  ["a time that is none", ["append", "text", "--publish", "--every", "5 apples"]],
  ["a wait that is none", ["append", "text", "--wait", "-1"]],
  ["a remote, and no log", ["read", "--remote", "file:///nowhere"]],
  ["a cursor without a log", ["follow", "--cursor", "a"]],
  ["a shell that is not known", ["completion", "tcsh"]],
  ["a leaf size that is no power of two", ["init", "--leaf-size", "10"]],
  ["a link that is none", ["read", `rlog:${id}?to=file:///nowhere`]],
  ["a link without remotes", ["read", `rlog:${id}`]],
  ["a link with a remote of an unknown kind alone", ["read", `rlog:${id}?remote=gopher://nowhere`]],
  ["a mirror to nowhere", ["mirror", id, "--remote", "file:///nowhere"]],
  ["a mirror from nowhere", ["mirror", id, "--to", "file:///nowhere"]],
  ["nothing to keep", ["keep"]],
  ["a name to keep that is none", ["keep", "file:///nowhere"]],
  ["a link to keep without an IPNS name", ["keep", `rlog:${id}?remote=file:///nowhere`]],
  [
    "a name to keep without a node",
    ["keep", "ipns://k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8"],
  ],
  [
    "a node that is none",
    ["keep", "ipns://k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8", "--node", "here"],
  ],
])("%s is a wrong use: 2", async (_, words) => {
  const { code, err, out } = await (await Place.make()).rlog(words);
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).not.toBe("");
});

test("the message about an unknown scheme lists the known ones", async () => {
  const { err } = await (await Place.make()).rlog(["read", id, "--remote", "gopher://nowhere"]);
  expect(err).toBe(
    "rlog: The scheme gopher: is unknown. The known schemes are file:, car:, static:, s3:, https:, http:, ipfs+http:, ipfs+https:, ipns:, bee+http:, bee+https:, swarm:. [ERR_USAGE]\n",
  );
});

const bee = "bee+http://127.0.0.1:9";
const owner = "0".repeat(40);
const name = "k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8";
test.each([
  ["a path of IPNS as a remote", ["read", id, "--remote", `/ipns/${name}`], /ipns:\/\/k51…\. \[ERR_USAGE\]/],
  ["an ipfs: URI", ["read", id, "--remote", "ipfs://bafy"], /ipfs\+http:\/\/127\.0\.0\.1:5001/],
  ["a multiaddress", ["init", "--remote", "/ip4/127.0.0.1/tcp/5001"], /ipfs\+http:\/\/127\.0\.0\.1:5001/],
  ["a bare name to keep", ["keep", name], /ipns:\/\/k51…/],
  ["a log id to keep", ["keep", id], /does not tell its IPNS name/],
  ["a node to read from, without a name", ["read", id, "--remote", "ipfs+http://127.0.0.1:9"], /\?name=k51…/],
  [
    "a name through a gateway to write to",
    ["init", "--remote", `ipns://${name}`],
    /only be read.*ipfs\+http:/,
  ],
  ["a pasted name to write to", ["init", "--remote", `https://gateway.example/ipns/${name}`], /only be read/],
  [
    "a Bee node to write to, without a batch",
    ["init", "--remote", bee],
    /\?stamp=BATCH\..*swarm-cli stamp buy [^;]*--immutable;/,
  ],
  ["a Bee node to read from, without an owner", ["read", id, "--remote", bee], /\?owner=OWNER/],
  [
    "a Bee node to mirror to, without a batch",
    ["mirror", id, "--remote", "file:///nowhere", "--to", bee],
    /stamp=/,
  ],
  ["a feed on Swarm to write to", ["init", "--remote", `swarm://${owner}/${id}`], /only be read.*bee\+http:/],
])("%s is a wrong use, and the message shows the right one", async (_, words, message) => {
  const { code, out, err } = await (await Place.make()).rlog(words);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(message);
});

test.each([
  ["IPFS_GATEWAY", `ipns://${name}`],
  ["SWARM_GATEWAY", `swarm://${owner}/${id}`],
])("a gateway in the variable %s that is no URL is named as the fault", async (variable, uri) => {
  const place = await Place.make();
  place.env = { [variable]: "127.0.0.1:8080" };
  const { code, err } = await place.rlog(["read", id, "--remote", uri]);
  expect(code).toBe(2);
  expect(err).toMatch(new RegExp(`^rlog: The variable ${variable} .*\\[ERR_USAGE\\]\n$`));
});

test("a server without a path is called by its host and port, not by the port alone", async () => {
  const place = await Place.make();
  await place.ok(["init", "--remote", "ipfs+http://127.0.0.1:5001/api/v0"]);
  expect((await place.ok(["status"])).out).toMatch(/^127\.0\.0\.1-5001-[0-9a-f]{6} /m);
});

test("a URI with a password is refused and not shown", async () => {
  const { code, err } = await (await Place.make()).rlog(["init", "--remote", "file://me:hunter2@host/x"]);
  expect(code).toBe(2);
  expect(err).not.toContain("hunter2");
});

test("without --debug there is one line and no stack; with it, there is a stack", async () => {
  const place = await Place.make({ apart: true });
  const plain = await place.rlog(["publish"]);
  expect(plain.code).toBe(1);
  expect(plain.err).toMatch(/^rlog: .*rlog init.*\[ERR_NO_LOG\]\n$/);
  expect((await place.rlog(["publish", "--debug"])).err).toMatch(/\n {4}at /);
});

test("init does not touch a folder that holds a log", async () => {
  const place = await Place.make();
  await place.log();
  const before = await readFile(place.path(".rlog", "seed"), "utf8");
  const again = await place.rlog(["init"]);
  expect(again.code).toBe(1);
  expect(again.err).toContain("[ERR_EXISTS]");
  expect(await readFile(place.path(".rlog", "seed"), "utf8")).toBe(before);
});

test("a leaf size that can't be used leaves nothing behind", async () => {
  const place = await Place.make();
  await place.rlog(["init", "--leaf-size", "10"]);
  expect((await place.rlog(["init", "--leaf-size", "8"])).code).toBe(0);
});

test("only the owner can read the seed, and no output shows it", async () => {
  const place = await Place.make();
  const { id: logId, uri } = await place.log();
  expect((await stat(place.path(".rlog", "seed"))).mode & 0o777).toBe(0o600);
  const seed = (await readFile(place.path(".rlog", "seed"), "utf8")).trim();
  expect(seed).toMatch(/^[0-9a-f]{64}$/);
  const read = ["--remote", uri, "--debug"];
  const runs = [
    await place.rlog(["init", "--debug"]),
    await place.rlog(["append", "a", "--ack", "--publish", "--debug"]),
    await place.rlog(["status", "--json"]),
    await place.rlog(["verify", logId, ...read]),
    await place.rlog(["proof", logId, ...read, "--entry", "0", "--out", "proofs"]),
  ];
  await writeFile(place.path(".rlog", "seed"), `${seed.slice(2)}\n`);
  runs.push(await place.rlog(["append", "b", "--debug"]));
  for (const { out, err } of runs) expect(out + err).not.toContain(seed.slice(2));
  for (const name of await readdir(place.path("proofs"))) {
    expect(await readFile(place.path("proofs", name), "latin1")).not.toContain(seed);
  }
});

test("--quiet leaves nothing but results and errors", async () => {
  const place = await Place.make({ apart: true });
  const { out, err } = await place.ok(["init", "--quiet"]);
  expect(out).toMatch(/^[0-9a-f]{64}\n$/);
  expect(err).toBe("");
  expect((await place.ok(["append", "a", "--quiet"])).err).toBe("");
  expect((await place.rlog(["publish", "--quiet"])).err).not.toBe("");
});

test("--stats counts one request for a reader who is up to date", async () => {
  const place = await Place.make();
  const { id: logId, uri } = await place.log();
  await place.ok(["append", "--publish"], "line\n".repeat(100));
  const words = ["read", logId, "--remote", uri, "--stats"];
  expect((await place.ok(words)).err).toMatch(/resolve 1, get 13\).* 3 dependent reads\n$/);
  const again = await place.ok(["latest", logId, "--remote", uri, "--stats"]);
  expect(again.err).toMatch(/^stats: 1 request \(resolve 1\), 0 bytes read,/);
});
