// The second reader before the hostile fixtures and the golden vectors.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as second from "../index.mjs";
import { Refused, type State } from "../index.mjs";
import { bytesOf } from "./written-log.ts";

interface Input {
  readonly hex?: string;
  readonly text?: string;
  readonly parts?: readonly (readonly [hex: string, times: number])[];
}
interface Fixture {
  readonly name: string;
  readonly decode?: string;
  readonly input: Input;
  readonly with?: Readonly<Record<string, string>> & {
    readonly peaks?: readonly string[];
    readonly hashes?: readonly string[];
  };
  readonly expect: "accepted" | "refused";
  readonly code?: string;
  readonly means?: string;
  readonly read?: ReadFixture;
}
interface ReadFixture {
  readonly logId: string;
  readonly floor?: { readonly size: number; readonly root?: string };
  readonly limits?: unknown;
  readonly identity?: string;
  readonly objects: readonly Readonly<Record<string, string>>[];
  readonly steps: readonly {
    readonly heads: readonly (string | null)[];
    readonly delivers: string[];
    readonly code?: string;
  }[];
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const utf8Of = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const fixturesIn = (folder: URL): Fixture[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")).fixtures as Fixture[]);
const fixtures = fixturesIn(new URL("../../../vectors/hostile/", import.meta.url));

const PROVEN = {
  "signing-key": "a fork",
  "former-key": "a former key",
  "recovery-key": "two successors",
} as const;
const nothingElse = (): never => {
  throw new Error("A head is verified without a further object.");
};
const decoders: Readonly<
  Record<string, (input: Uint8Array, context: NonNullable<Fixture["with"]>) => unknown>
> = {
  "remote-log": (input) => void second.decodeRemoteLog(input).levels.map(second.levelOf),
  "index-node": (input) => void second.decodeIndexNode(input),
  "bundle-message": (input) => void second.decodeBundleMessage(input),
  bundle: (input, context) =>
    void second.verifyBundle(input, Number(context["leafSize"]), context.hashes!.map(bytesOf)),
  manifest: (input) => `${second.decodeManifest(input).version}`,
  genesis: (input) => hexOf(second.decodeGenesis(input).logId),
  "mvds-message": (input) => hexOf(second.mvdsId(input)),
  pairs: (input) => void second.pairsOf(second.decodeRemoteLog(input)),
  "name-content": (input) => (second.decodeName(input).pointer ? "pointer" : "head"),
  address: (input) => void second.decodeAddress(input),
  "storage-address": (input) => second.folderDigest(input) && "raw sha2-256",
  content: (input, context) => second.checkContent(bytesOf(context["address"]!), input),
  head: (input, context) => {
    const head = second.verifyHead(input, bytesOf(context["logId"]!), nothingElse);
    return `${head.size} ${hexOf(head.root)}`;
  },
  page: (input, context) =>
    void second.verifyPage(input, Number(context["leafSize"]), bytesOf(context["hash"]!)),
  node: (input, context) =>
    void second.verifyNode(input, Number(context["count"]), context.peaks!.map(bytesOf)),
  checkpoint: (input, context) => {
    const key = bytesOf(context["publicKey"]!);
    return `${second.verifyCheckpoint(input, `remote-log/v1/${context["logId"]}`, key).size}`;
  },
  "signed-note": (input) => void second.decodeNote(input),
  link: (input) => second.decodeLink(utf8Of(input)).remotes.join(" "),
  "fork-evidence": (input) => {
    const evidence = JSON.parse(utf8Of(input));
    const { genesis, path } = evidence;
    const fork = second.verifyForkEvidence({
      ...evidence,
      genesis: bytesOf(genesis),
      path: path.map(bytesOf),
    });
    return fork === undefined ? "no fork" : `${PROVEN[fork.by]} at ${fork.smaller} and ${fork.larger}`;
  },
};

function bytesOfInput({ hex, text, parts }: Input): Uint8Array {
  if (hex !== undefined) return bytesOf(hex);
  if (text !== undefined) return new TextEncoder().encode(text);
  return Buffer.concat(parts!.flatMap(([part, times]) => Array(times).fill(bytesOf(part))));
}

test("every fixture for a decoder that the second reader has gets its verdict", () => {
  let judged = 0;
  for (const { name, decode = "", input, with: context = {}, ...verdict } of fixtures) {
    const decoder = decoders[decode];
    if (decoder === undefined) continue;
    judged++;
    if (verdict.expect === "accepted") {
      const means = decoder(bytesOfInput(input), context);
      if (verdict.means !== undefined) expect(means, name).toBe(verdict.means);
    } else {
      const refused = refusalOf(() => decoder(bytesOfInput(input), context));
      expect(refused, name).toBeDefined();
      expect(refused === "unsupported", name).toBe(verdict.code === "ERR_UNSUPPORTED");
    }
  }
  expect(judged).toBeGreaterThan(250);
});

test("what is left out are decoders of adapters, texts, proof files and keyrings", () => {
  const others = new Set(fixtures.flatMap(({ decode }) => (decode && !(decode in decoders) ? [decode] : [])));
  expect([...others].sort()).toEqual(
    [
      ["chunk", "chunk-tree", "owner-chunk", "swarm-uri"],
      ["gateway-uri", "ipns-name", "ipns-record", "s3-list", "s3-uri"],
      ["log-id", "message-text", "name-key", "readable-genesis"],
      ["consistency-proof", "inclusion-proof", "keyring", "keyring-message"],
    ]
      .flat()
      .sort(),
  );
});

function refusalOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.kind;
    throw error;
  }
}

// With several remotes, a limit of its own, or a keyring, a fixture is about what this reader leaves out.
const reads = fixtures.filter(
  ({ read }) => read?.objects.length === 1 && read.limits === undefined && read.identity === undefined,
);

test.each(reads)("$name: the second reader delivers what it should, and no more", ({ read }) => {
  const { logId, floor, objects, steps } = read!;
  let known: State = { size: floor?.size ?? 0, root: floor?.root ? bytesOf(floor.root) : undefined };
  let frozen = false;
  for (const { heads, delivers, code } of steps) {
    const remote = {
      read: (address: Uint8Array) => {
        const found = objects[0]![textOfAddress(address)];
        return found === undefined ? undefined : bytesOf(found);
      },
      nameOf: () => (heads[0] ? bytesOf(heads[0]) : undefined),
    };
    const contents: string[] = [];
    const refused = refusalOf(() => {
      const log = second.readLog({ remote, logId: bytesOf(logId), known });
      // A reader that has seen a fork keeps it, until a later key shows: this one keeps nothing.
      if (frozen && log.successions.length <= (known.successions?.length ?? 0))
        throw new Refused("contradiction", "frozen");
      const entries = [...takeWhileGood(log.entries(), contents)];
      if (entries.length === log.size) known = log;
    });
    expect(contents).toEqual(delivers);
    expect(refused !== undefined).toBe(code !== undefined);
    if (code === "ERR_FORK" || code === "ERR_ROLLBACK") expect(refused).toBe("contradiction");
    frozen ||= code === "ERR_FORK";
  }
});

test("there are many fixtures for a reader of one remote", () => {
  expect(reads.length).toBeGreaterThan(50);
});

/** Notes contents until one is not there. */
function* takeWhileGood(entries: Iterable<second.Entry>, contents: string[]): Generator<second.Entry> {
  for (const entry of entries) {
    if (entry.status !== "content") throw new Refused("missing", entry.status);
    contents.push(hexOf(entry.content!));
    yield entry;
  }
}

/** Base32 in lower case without padding, after a `b`: the text of a CID (RFC 4648 §6). */
function textOfAddress(address: Uint8Array): string {
  const bits = Array.from(address, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return `b${groups.map((group) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(group.padEnd(5, "0"), 2)]).join("")}`;
}

const vectors = {
  "remote-log": decoders["remote-log"]!,
  "index-node": decoders["index-node"]!,
  genesis: decoders["genesis"]!,
  "mvds-message": decoders["mvds-message"]!,
};

test.each(Object.entries(vectors))("golden vectors of %s", (name, decoder) => {
  const url = new URL(`../../../packages/core/test/vectors/${name}.json`, import.meta.url);
  const { valid, malformed } = JSON.parse(readFileSync(url, "utf8"));
  for (const { name: which, hex, id } of valid) {
    const means = decoder(bytesOf(hex), {});
    if (id !== undefined) expect(means, which).toBe(id);
  }
  for (const { hex, reason } of malformed)
    expect(
      refusalOf(() => decoder(bytesOf(hex), {})),
      reason,
    ).toBeDefined();
});

test("golden checkpoints, and none of them for another log", () => {
  const url = new URL("../../../packages/core/test/vectors/checkpoint.json", import.meta.url);
  const { origin, signingPublic, checkpoints } = JSON.parse(readFileSync(url, "utf8"));
  for (const { note, size, root } of checkpoints) {
    const bytes = new TextEncoder().encode(note);
    const read = second.verifyCheckpoint(bytes, origin, bytesOf(signingPublic));
    expect(read).toEqual({ size, root: bytesOf(root) });
    expect(() => second.verifyCheckpoint(bytes, `${origin}/manifest`, bytesOf(signingPublic))).toThrow(
      Refused,
    );
  }
});

// draft-irtf-cfrg-xchacha-03, §2.2.1 and §A.3.1.
test("HChaCha20 and XChaCha20-Poly1305 as in their draft", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  expect(hexOf(second.hchacha20(key, bytesOf("000000090000004a0000000031415927")))).toBe(
    "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc",
  );
  const sealed = bytesOf(
    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e" +
      "1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e" +
      "c0875924c1c7987947deafd8780acf49",
  );
  const opened = second.open(
    Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i),
    bytesOf("404142434445464748494a4b4c4d4e4f5051525354555657"),
    bytesOf("50515253c0c1c2c3c4c5c6c7"),
    sealed,
  );
  expect(utf8Of(opened!)).toMatch(/^Ladies and Gentlemen of the class of '99.*sunscreen would be it\.$/);
});
