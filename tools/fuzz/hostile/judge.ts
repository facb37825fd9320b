// Puts fixtures before our decoders and our reader.

import { cleanText } from "../../../packages/core/src/adapter/clean-text.ts";
import { hashedName } from "../../../packages/core/src/adapter/name-key.ts";
import {
  checkpointOrigin,
  parseConsistencyProof,
  parseInclusionProof,
  parseSignedNote,
  verifyCheckpoint,
} from "../../../packages/core/src/checkpoint/index.ts";
import {
  Address,
  checkContent,
  decodeMvdsMessage,
  type ForkEvidence,
  hashTypeOf,
  isRemoteLogError,
  memoryReaderStore,
  mvdsMessageId,
  openReader,
  parseLink,
  type Remote,
  rawSha256,
  readGenesis,
  verifyForkEvidence,
} from "../../../packages/core/src/index.ts";
import { ReaderIdentity } from "../../../packages/core/src/keyring/index.ts";
import { decodeBundle } from "../../../packages/core/src/log/bundled-node.ts";
import { checkLogId } from "../../../packages/core/src/log/genesis.ts";
import { readNameContent, verifyHead } from "../../../packages/core/src/log/head.ts";
import { readIndexNode } from "../../../packages/core/src/log/index-node.ts";
import { readManifest } from "../../../packages/core/src/log/manifest.ts";
import { decodePage } from "../../../packages/core/src/log/page.ts";
import { pairFromWire } from "../../../packages/core/src/log/pair.ts";
import { sealingOf } from "../../../packages/core/src/log/sealing-of.ts";
import { decodeWireBundle } from "../../../packages/core/src/wire/bundle-message.ts";
import { decodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import { decodeKeyring } from "../../../packages/core/src/wire/keyring-message.ts";
import { decodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import { scriptedRemote } from "../../../packages/core/test/reader/scripted-remote.ts";
import { parseGatewayUri } from "../../../packages/ipfs/src/gateway/uri.ts";
import { IpnsName } from "../../../packages/ipfs/src/record/ipns-name.ts";
import { readRecord } from "../../../packages/ipfs/src/record/read-record.ts";
import { addressOfKey } from "../../../packages/s3/src/layout.ts";
import { listFromText } from "../../../packages/s3/src/service/list-text.ts";
import { parseS3Uri } from "../../../packages/s3/src/uri.ts";
import { checkChunk } from "../../../packages/swarm/src/chunk/content-chunk.ts";
import { readOwnerChunk } from "../../../packages/swarm/src/chunk/owner-chunk.ts";
import { readTree } from "../../../packages/swarm/src/chunk/read-tree.ts";
import { parseSwarmUri } from "../../../packages/swarm/src/uri.ts";
import { bytesOf, hexOf } from "../decoder.ts";
import type { Context, DecodeFixture, Fixture, Input, ReadFixture, Step, Verdict } from "./fixture.ts";

/** Decodes an input. Returns what it means, if that is of interest. */
type Judge = (input: Uint8Array, context: Reader) => unknown;

/** Reads the context of a fixture. */
class Reader {
  readonly #context: Context;

  constructor(context: Context = {}) {
    this.#context = context;
  }

  text(name: string): string {
    const value = this.#context[name];
    if (typeof value !== "string") throw new TypeError(`The fixture has no text ${name}.`);
    return value;
  }

  bytes(name: string): Uint8Array {
    return bytesOf(this.text(name));
  }

  number(name: string): number {
    return Number(this.#context[name]);
  }

  list(name: string): readonly Uint8Array[] {
    return (this.#context[name] as readonly string[]).map(bytesOf);
  }

  record(name: string): Readonly<Record<string, string>> {
    return this.#context[name] as Readonly<Record<string, string>>;
  }
}

const textOf = (input: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(input);

/** What the proof of a fork proves, by whose key contradicts. */
const PROVEN = {
  "signing-key": "a fork",
  "former-key": "a former key",
  "recovery-key": "two successors",
} as const;

/** The decoders that fixtures name. */
const judges: Readonly<Record<string, Judge>> = {
  "remote-log": (input) => void decodeRemoteLog(input),
  "index-node": (input) => void decodeIndexNode(input),
  "bundle-message": (input) => void decodeWireBundle(input),
  manifest: (input) => `${readManifest(input).version}`,
  keyring: async (input, context) => {
    const place = { logId: context.text("logId"), epoch: context.number("epoch") };
    const { key, withHistory } = await new ReaderIdentity(context.text("identity")).open(input, place);
    return `${hexOf(key.toBytes())} ${withHistory ? "with history" : "alone"}`;
  },
  "keyring-message": (input) => `${decodeKeyring(input).epoch}`,
  genesis: (input) => readGenesis(input).logId,
  "readable-genesis": (input) => void sealingOf(readGenesis(input), undefined),
  "mvds-message": (input) => hexOf(mvdsMessageId(decodeMvdsMessage(input))),
  pairs: (input) => void decodeRemoteLog(input).pairs.map(pairFromWire),
  "name-content": (input) => readNameContent(input).kind,
  address: (input) => `${Address.fromBytes(input)}`,
  "storage-address": (input) => hashTypeOf(Address.fromBytes(input), [rawSha256]).name,
  content: (input, context) => checkContent(input, Address.fromBytes(context.bytes("address")), [rawSha256]),
  head: async (input, context) => {
    const { checkpoint } = await verifyHead(input, context.text("logId"));
    return `${checkpoint.size} ${hexOf(checkpoint.root)}`;
  },
  page: (input, context) => void decodePage(input, context.number("leafSize"), context.bytes("hash")),
  node: async (input, context) => {
    const expected = { count: context.number("count"), peaks: context.list("peaks"), firstPage: 0 };
    await readIndexNode(input, expected);
  },
  bundle: (input, context) => void decodeBundle(input, context.number("leafSize"), context.list("hashes")),
  checkpoint: async (input, context) => {
    const signer = { origin: checkpointOrigin(context.text("logId")), publicKey: context.bytes("publicKey") };
    return (await verifyCheckpoint(input, signer)).size.toString();
  },
  "signed-note": (input) => void parseSignedNote(input),
  "inclusion-proof": (input) => void parseInclusionProof(input),
  "consistency-proof": (input) => void parseConsistencyProof(input),
  link: (input) => parseLink(textOf(input)).remotes.join(" "),
  "s3-uri": (input) => void parseS3Uri(textOf(input)),
  "swarm-uri": (input) => void parseSwarmUri(textOf(input)),
  "gateway-uri": (input) => void parseGatewayUri(textOf(input)),
  "log-id": (input) => void checkLogId(textOf(input)),
  "name-key": (input) => hashedName(textOf(input)),
  "message-text": (input) => cleanText(textOf(input)),
  "s3-list": (input) => {
    const keys = listFromText(textOf(input))?.Contents ?? [];
    return keys.flatMap(({ Key = "" }) => addressOfKey("", Key) ?? []).join(" ");
  },
  "ipns-record": async (input, context) => {
    const { sequence, value } = await readRecord(input, IpnsName.fromText(context.text("name")));
    return `${sequence} ${value}`;
  },
  "ipns-name": (input) => IpnsName.fromText(textOf(input)).text,
  chunk: (input, context) => checkChunk(context.bytes("address"), input),
  "owner-chunk": (input, context) => {
    const place = { id: context.bytes("id"), owner: context.bytes("owner") };
    return hexOf(readOwnerChunk(input, place).wrapped.address);
  },
  "chunk-tree": async (input, context) => {
    const chunks = context.record("chunks");
    const read = async (address: Uint8Array): Promise<Uint8Array> => bytesOf(chunks[hexOf(address)] ?? "");
    return hexOf(await readTree({ root: input, maxBytes: context.number("maxBytes"), read }));
  },
  "fork-evidence": async (input) => {
    const { genesis, path, ...notes } = JSON.parse(textOf(input)) as Pick<
      ForkEvidence,
      "successions" | "smaller" | "larger"
    > & { readonly genesis: string; readonly path: readonly string[] };
    const verdict = await verifyForkEvidence({
      ...notes,
      genesis: bytesOf(genesis),
      path: path.map(bytesOf),
    });
    if (verdict === undefined) return "no fork";
    return `${PROVEN[verdict.by]} at ${verdict.smaller} and ${verdict.larger}`;
  },
};

function inputBytes(input: Input): Uint8Array {
  if ("text" in input) return new TextEncoder().encode(input.text);
  if ("hex" in input) return bytesOf(input.hex);
  return bytesOf(input.parts.map(([hex, times]) => hex.repeat(times)).join(""));
}

/** What our decoder makes of an input. An error that is none of the project's is thrown on. */
async function judgeDecode({ decode, input, with: context }: DecodeFixture): Promise<Verdict> {
  const decoder = judges[decode];
  if (decoder === undefined) throw new TypeError(`There is no decoder ${decode}.`);
  try {
    const means = await decoder(inputBytes(input), new Reader(context));
    return { expect: "accepted", ...(typeof means === "string" && { means }) };
  } catch (error) {
    if (!isRemoteLogError(error)) throw error;
    return { expect: "refused", code: error.code };
  }
}

/** What our reader makes of remotes. */
async function judgeRead({ read }: ReadFixture): Promise<readonly Omit<Step, "heads">[]> {
  const { logId, identity, floor, limits, objects, steps } = read;
  const remotes = objects.map((held, i) => {
    const contents = new Map(Object.entries(held).map(([address, hex]) => [address, bytesOf(hex)] as const));
    return scriptedRemote(contents, undefined, { label: `remote ${i}` });
  });
  const reader = await openReader({
    logId,
    remotes: remotes satisfies readonly Remote[],
    store: memoryReaderStore(),
    ...(limits && { limits }),
    ...(identity !== undefined && { identity: new ReaderIdentity(identity) }),
    ...(floor && { floor: { size: floor.size, ...(floor.root && { root: bytesOf(floor.root) }) } }),
  });
  const outcomes: Omit<Step, "heads">[] = [];
  for (const { heads } of steps) {
    for (const [i, head] of heads.entries()) {
      if (head === null) remotes[i]!.names.answer({ status: "absent" });
      else remotes[i]!.names.show(bytesOf(head));
    }
    const delivers: string[] = [];
    let code: string | undefined;
    try {
      for await (const { content } of reader.from(0)) delivers.push(hexOf(content));
    } catch (error) {
      if (!isRemoteLogError(error)) throw error;
      code = error.code;
    }
    outcomes.push({ delivers, ...(code !== undefined && { code }) });
  }
  await reader.close();
  return outcomes;
}

/** What a fixture expects, and what our decoder or reader makes of it: in the same form, so that the two can be compared. */
export async function judge(
  fixture: Fixture,
): Promise<{ readonly expected: unknown; readonly found: unknown }> {
  if ("read" in fixture) {
    const steps = fixture.read.steps.map(({ delivers, code }) => ({
      delivers,
      ...(code !== undefined && { code }),
    }));
    return { expected: steps, found: await judgeRead(fixture) };
  }
  const { expect, code, means } = fixture;
  const found = await judgeDecode(fixture);
  // What it means is of interest only if the fixture says so.
  return {
    expected: { expect, code, means },
    found: { expect: found.expect, code: found.code, means: means === undefined ? undefined : found.means },
  };
}
