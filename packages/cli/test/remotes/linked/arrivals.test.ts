// Every scheme, from a link and from the user, at every kind of place: which requests arrive there, and with what in them.

import type * as dns from "node:dns";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { formatLink, openWriter } from "@remote-log/core";
import { fsRemote } from "@remote-log/fs";
import { Command } from "commander";
import { MemoryLevel } from "memory-level";
import { describe, expect, test, vi } from "vitest";
import { addReaderCommands, addWriterCommands } from "../../../src/program/commands.ts";
import { addMirrorCommands } from "../../../src/program/mirror-commands.ts";
import type * as addresses from "../../../src/remotes/linked/public-address.ts";
import { Place } from "../../rlog.ts";
import { type Arrived, SECRETS, secretsIn, startRecorder } from "./recording.ts";

const logId = "0f".repeat(32);
const name = "k51qzi5uqu5dgg67tgrr3kysxpuuerkw9jyw1cdp3vzgaxdrnxjg2nwsu6zqbl";
const owner = "8d3766440f0d7b949a5e32995d09619a7f86e632";

/** Where "the internet" is in these tests: an address of this machine that is taken for a public one. */
const PUBLIC = "127.0.0.2";

vi.mock(import("../../../src/remotes/linked/public-address.ts"), async (original) => {
  const real: typeof addresses = await original();
  const isPublicAddress = (address: string): boolean => address === PUBLIC || real.isPublicAddress(address);
  const isLocalHost = (host: string): boolean => host !== PUBLIC && real.isLocalHost(host);
  return { ...real, isPublicAddress, isLocalHost };
});

/** What a name stands for at each look; the last answer stays. */
const zone = new Map<string, string[][]>([
  ["public.example", [[PUBLIC]]],
  ["inside.example", [["127.0.0.3"]]],
  ["machine.example", [["127.0.0.1"]]],
  ["both.example", [[PUBLIC, "127.0.0.1"]]],
]);

vi.mock(import("node:dns"), async (original) => {
  const real: typeof dns = await original();
  type Answer = (error: Error | null, found?: dns.LookupAddress[]) => void;
  const lookup = (host: string, _options: unknown, answer: Answer): void => {
    const answers = zone.get(host);
    const found = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
    if (found === undefined)
      answer(Object.assign(new Error(host), { code: "ENOTFOUND", syscall: "getaddrinfo" }));
    else
      answer(
        null,
        found.map((address) => ({ address, family: 4 })),
      );
  };
  return { ...real, lookup: lookup as unknown as typeof dns.lookup };
});

/** One URI of each scheme at a host. The first part of the path tells them apart where they arrive. */
function urisAt(host: string): Record<string, string> {
  const at = (path: string): string => encodeURIComponent(`http://${host}/${path}`);
  return {
    s3: `s3://bucket/p?endpoint=${at("s3")}`,
    plain: `http://${host}/plain`,
    named: `http://${host}/named/ipns/${name}`,
    ipns: `ipns://${name}?gateway=${at("ipns")}`,
    swarm: `swarm://${owner}/${"0a".repeat(32)}?gateway=${at("swarm")}`,
    bee: `bee+http://${host}/bee?owner=${owner}`,
    kubo: `ipfs+http://${host}/kubo?name=${name}`,
    node: `ipns://${name}?node=${at("node")}`,
  };
}

const SCHEMES = Object.keys(urisAt("host"));
/** The RPC of a node takes commands, so a link never leads to one. */
const COMMANDED = ["kubo", "node"];

/** How many cells of the table were looked at. */
let cells = 0;

/** What arrived, by scheme. */
function sorted(arrived: readonly Arrived[]): Map<string, Arrived[]> {
  const found = new Map<string, Arrived[]>();
  for (const one of arrived) {
    const scheme = one.url.split("/")[1] ?? "";
    found.set(scheme, [...(found.get(scheme) ?? []), one]);
  }
  return found;
}

async function readLink(
  host: string,
  words: readonly string[] = [],
  env: Record<string, string> = {},
  schemes: readonly string[] = SCHEMES,
) {
  const place = await Place.make();
  place.env = { ...SECRETS, ...env };
  const uris = urisAt(host);
  const link = formatLink({ logId, remotes: schemes.map((scheme) => uris[scheme]!) });
  return place.rlog(["read", link, "--no-state", ...words]);
}

async function readRemotes(host: string) {
  const place = await Place.make();
  place.env = SECRETS;
  const remotes = Object.values(urisAt(host)).flatMap((uri) => ["--remote", uri]);
  return place.rlog(["read", logId, "--no-state", ...remotes]);
}

/** The commands that may be given a link, as their help says. */
function commandsOfLinks(): readonly string[] {
  const program = new Command();
  for (const add of [addWriterCommands, addReaderCommands, addMirrorCommands])
    add(program, undefined as never);
  return program.commands
    .filter(({ registeredArguments }) =>
      registeredArguments.some(({ description }) => /\blinks?\b/.test(description)),
    )
    .map((command) => command.name())
    .sort();
}

/** Reads a log in a folder of the user's, which says of itself that it is at other places, too. */
async function readLogThatNames(uris: readonly string[], words: readonly string[] = []) {
  const place = await Place.make();
  place.env = SECRETS;
  const remote = fsRemote({ root: place.path("folder") });
  const writer = await openWriter({
    seed: new Uint8Array(32).fill(3),
    journal: new MemoryLevel(),
    remotes: [remote],
    publish: "manual",
    settings: { visibility: "public" },
  });
  await writer.append(new TextEncoder().encode("an entry"));
  await writer.setRemotes(uris);
  await writer.publish();
  await writer.close();
  const folder = place.uri("folder");
  const run = await place.rlog(["read", writer.logId, "--remote", folder, "--no-state", ...words]);
  expect(run).toMatchObject({ code: 0, out: "an entry\n" });
  return run;
}

// Every address of 127.0.0.0/8 is one of this machine on Linux alone.
describe.skipIf(process.platform !== "linux")("what arrives", async () => {
  const target = await startRecorder("127.0.0.4");
  const world = await startRecorder(PUBLIC);
  const elsewhere = await startRecorder(PUBLIC, `http://${target.host}`);
  const inside = await startRecorder("127.0.0.3");
  const machine = await startRecorder("127.0.0.1");
  const all = [target, world, elsewhere, inside, machine];

  /** Expects requests of readers alone, and nothing of the user's in them. */
  function expectAnonymous(arrived: readonly Arrived[]): void {
    const byScheme = sorted(arrived);
    for (const scheme of SCHEMES) {
      const requests = byScheme.get(scheme) ?? [];
      cells++;
      if (COMMANDED.includes(scheme)) expect(requests, scheme).toEqual([]);
      else expect(requests, scheme).not.toEqual([]);
      for (const one of requests) {
        expect(["GET", "HEAD"], one.url).toContain(one.method);
        expect(secretsIn(one), one.url).toEqual([]);
      }
    }
  }

  test("a link to a public host brings requests that anybody could have sent", async () => {
    const byAddress = await readLink(world.host);
    expectAnonymous(world.take());
    expect(byAddress.err).toContain("the RPC of an IPFS node");
    await readLink(`public.example:${world.port}`);
    expectAnonymous(world.take());
    expect(all.flatMap((one) => one.take())).toEqual([]);
  });

  test("a link to a host that redirects ends there", async () => {
    await readLink(elsewhere.host);
    expectAnonymous(elsewhere.take());
    expect(all.flatMap((one) => one.take())).toEqual([]);
  });

  const refused = [
    ["a private address", inside.host],
    ["this machine", machine.host],
    ["this machine in other digits", `2130706433:${machine.port}`],
    ["this machine in octal digits", `0177.0.0.1:${machine.port}`],
    ["this machine by name", `localhost:${machine.port}`],
    ["this machine by a name below localhost", `a.localhost.:${machine.port}`],
    ["this machine on IPv6", `[::1]:${machine.port}`],
    ["this machine, mapped to IPv6", `[::ffff:127.0.0.1]:${machine.port}`],
    ["any address of this machine", `0.0.0.0:${machine.port}`],
    ["the metadata of a cloud", "169.254.169.254"],
  ] as const;
  test.each(refused)("a link to %s is refused, with the word that allows it", async (_, host) => {
    const { code, out, err } = await readLink(host);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("[ERR_UNTRUSTED]");
    expect(err).toContain(`--trust '${new URL(`http://${host}`).origin}'`);
    expect(all.flatMap((one) => one.take())).toEqual([]);
    cells += SCHEMES.length;
  });

  const resolved = [
    ["a private address", "inside.example", () => inside.port],
    ["this machine", "machine.example", () => machine.port],
    ["a public address and this machine", "both.example", () => machine.port],
  ] as const;
  test.each(resolved)("a link to a name of %s connects to nothing", async (_, host, port) => {
    for (const scheme of SCHEMES.filter((one) => !COMMANDED.includes(one))) {
      const { code, out, err } = await readLink(`${host}:${port()}`, [], {}, [scheme]);
      expect({ code, out }, scheme).toEqual({ code: 1, out: "" });
      expect(err, scheme).toContain("[ERR_DENIED]");
      expect(err, scheme).toContain(`allow it with --trust 'http://${host}:${port()}'`);
      cells++;
    }
    expect(all.flatMap((one) => one.take())).toEqual([]);
  });

  test("a remote that a log names itself is asked as one of a link is: without anything of the user's", async () => {
    const { err } = await readLogThatNames(Object.values(urisAt(world.host)));
    expect(err).toContain("The log is also at");
    expectAnonymous(world.take());
    expect(all.flatMap((one) => one.take())).toEqual([]);
  });

  test("a log that says it is on this machine, or in a private network, has nobody asked there", async () => {
    await readLogThatNames([
      ...Object.values(urisAt(machine.host)),
      ...Object.values(urisAt(inside.host)),
      ...Object.values(urisAt(`inside.example:${inside.port}`)),
    ]);
    expect(all.flatMap((one) => one.take())).toEqual([]);
    cells += 3 * SCHEMES.length;
    // It is the trust that decides, and no failure before that.
    await readLogThatNames(Object.values(urisAt(machine.host)), ["--trust", `http://${machine.host}`]);
    expect(sorted(machine.take()).get("s3")!.flatMap(secretsIn)).toContain("authorization");
  });

  test("a name that turns to this machine after the first look gains nothing", async () => {
    zone.set("turns.example", [[PUBLIC], ["127.0.0.1"]]);
    await readLink(`turns.example:${machine.port}`);
    expect(machine.take()).toEqual([]);
    cells += SCHEMES.length;
  });

  test("a place that the user trusts gets what the user's own remotes send, and so does one of --remote", async () => {
    for (const run of [
      () => readLink(machine.host, ["--trust", `http://${machine.host}`]),
      () => readLink(machine.host, [], { RLOG_TRUST: `s3://other, http://${machine.host}` }),
      () => readRemotes(machine.host),
      () => readRemotes(inside.host),
      () => readRemotes(world.host),
    ]) {
      await run();
      const arrived = sorted(all.flatMap((one) => one.take()));
      for (const scheme of SCHEMES) expect(arrived.get(scheme), scheme).toBeDefined();
      expect(arrived.get("s3")!.flatMap(secretsIn)).toContain("authorization");
      expect(arrived.get("s3")!.flatMap(secretsIn)).toContain(SECRETS.AWS_SESSION_TOKEN);
      for (const scheme of SCHEMES.filter((one) => one !== "s3")) {
        expect(arrived.get(scheme)!.flatMap(secretsIn), scheme).toEqual([]);
      }
      cells += SCHEMES.length;
    }
  });

  test("a redirect of the user's own service takes nothing elsewhere, either", async () => {
    await readRemotes(elsewhere.host);
    expect(sorted(elsewhere.take()).size).toBe(SCHEMES.length);
    expect(target.take()).toEqual([]);
    cells += SCHEMES.length;
  });

  test("trust in one place is no trust in another", async () => {
    await readLink(machine.host, ["--trust", `http://127.0.0.1:${machine.port + 1}`]);
    await readLink(machine.host, ["--trust", `https://${machine.host}`]);
    const twice = `s3://bucket/p&endpoint=http://${world.host}/?endpoint=http://${machine.host}`;
    const place = await Place.make();
    place.env = SECRETS;
    const link = formatLink({ logId, remotes: [twice] });
    await place.rlog(["read", link, "--no-state", "--trust", `http://${world.host}`]);
    expect(all.flatMap((one) => one.take())).toEqual([]);
  });

  test("for a link, neither an endpoint of the environment nor a program of a profile is used", async () => {
    const place = await Place.make();
    const ran = place.path("ran");
    const program = `sh -c "touch ${ran}; echo {}"`;
    await writeFile(place.path("config"), `[default]\nregion = eu-west-1\ncredential_process = ${program}\n`);
    place.env = {
      AWS_CONFIG_FILE: place.path("config"),
      AWS_ENDPOINT_URL: `http://${machine.host}`,
      AWS_ENDPOINT_URL_S3: `http://${machine.host}`,
    };
    const [onAws, on] = ["s3://bucket/p?region=eu-west-1", `s3://bucket/p?endpoint=http://${world.host}`];
    await place.rlog(["read", formatLink({ logId, remotes: [onAws, on] }), "--no-state"]);
    expect(existsSync(ran)).toBe(false);
    expect(machine.take()).toEqual([]);
    expect(world.take().flatMap(secretsIn)).toEqual([]);
    // The trap works: the user's own remote runs it.
    await place.rlog(["read", logId, "--remote", on, "--no-state"]);
    expect(existsSync(ran)).toBe(true);
    world.take();
  });

  test("every command that takes a link refuses the same", async () => {
    const place = await Place.make();
    place.env = SECRETS;
    const link = formatLink({ logId, remotes: Object.values(urisAt(machine.host)) });
    const further: Readonly<Record<string, readonly string[]>> = {
      read: [],
      latest: [],
      follow: [],
      verify: [],
      proof: ["--entry", "0"],
      mirror: ["--to", place.uri("copy")],
      doctor: [],
      recover: [],
      keep: ["--once"],
      fsck: [],
      serve: ["--folder", place.path("mirror"), "--listen", "127.0.0.1:0"],
      export: [],
    };
    // It reads the file, and takes the id of the log alone from a link.
    const reading = ["import"];
    expect([...Object.keys(further), ...reading].sort()).toEqual(commandsOfLinks());
    await place.rlog(["import", "none.car", link, "--to", place.uri("copy")]);
    for (const [command, words] of Object.entries(further)) {
      const before = command === "export" ? ["log.car"] : [];
      const { code, err } = await place.rlog([command, ...before, link, ...words]);
      expect(err, command).toContain("[ERR_UNTRUSTED]");
      expect(code, command).toBe(1);
    }
    expect(all.flatMap((one) => one.take())).toEqual([]);
  });

  test("the table has this many cells", () => {
    const readable = SCHEMES.length - COMMANDED.length;
    expect(cells).toBe(
      SCHEMES.length * (3 + refused.length + 1 + 3 + 1 + 5 + 1) + readable * resolved.length,
    );
  });
});
