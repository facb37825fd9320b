// Records that a device keeps: of the journal, of readers; and files with the proof of a fork.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readForkFile } from "../../../packages/cli/src/reading/fork-file.ts";
import { bytesEqual } from "../../../packages/core/src/bytes.ts";
import type { KeyValueDatabase } from "../../../packages/core/src/index.ts";
import { hasCode, openReader, verifyForkEvidence } from "../../../packages/core/src/index.ts";
import { withChecksum, withoutChecksum } from "../../../packages/core/src/journal/checksum.ts";
import { EntriesAside } from "../../../packages/core/src/journal/entries-aside.ts";
import { Journal } from "../../../packages/core/src/journal/journal.ts";
import { RemoteRecords } from "../../../packages/core/src/journal/remote-records.ts";
import { logIdOf } from "../../../packages/core/src/log/genesis.ts";
import { publicSealing } from "../../../packages/core/src/log/public-sealing.ts";
import { decodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import { scriptedRemote } from "../../../packages/core/test/reader/scripted-remote.ts";
import { bytesOf, type Corpus, type Decoder, promise } from "../decoder.ts";
import { mostly, mutateBytes } from "../mutate/bytes.ts";
import { mutateJson } from "../mutate/json.ts";

/** The letters that keys of refs and of bundles begin with. */
const REF = "n".charCodeAt(0);
const BUNDLE = "k".charCodeAt(0);
const CORRUPT = ["ERR_JOURNAL_CORRUPT"] as const;

/** A database that has the same value under every key. Of ranges, it has those of refs and of bundles. */
class OneValue implements KeyValueDatabase {
  readonly status = "open";
  value: Uint8Array = new Uint8Array(0);

  async open(): Promise<void> {}
  async close(): Promise<void> {}
  async batch(): Promise<void> {}
  async get(key: Uint8Array): Promise<Uint8Array> {
    return withChecksum(key, this.value);
  }
  async *iterator({ gte }: { readonly gte: Uint8Array }): AsyncGenerator<[Uint8Array, Uint8Array]> {
    if (gte[0] === REF || gte[0] === BUNDLE) yield [gte, withChecksum(gte, this.value)];
  }
}

/** Decoders of records. */
export async function records(corpus: Corpus): Promise<readonly Decoder[]> {
  const database = new OneValue();
  const journal = await Journal.open(database);
  const remote = new RemoteRecords(journal, "one");
  const sealing = publicSealing("sha256");
  const key = new TextEncoder().encode("k");
  const logIds = (corpus.get("reader-state") ?? []).map((value) => {
    const { head, genesis } = JSON.parse(new TextDecoder().decode(value)) as {
      head?: string;
      genesis?: string;
    };
    if (genesis !== undefined) return logIdOf(bytesOf(genesis));
    return head === undefined ? "0".repeat(64) : logIdOf(decodeRemoteLog(bytesOf(head)).genesis);
  });
  // In the order of the corpus.
  const loads: readonly (() => Promise<unknown>)[] = [
    async () => {
      const { size, revision, content } = (await remote.loadPublished())!;
      promise(
        Number.isSafeInteger(size) && typeof revision === "string" && typeof content === "string",
        "no state",
      );
    },
    async () => {
      const { pages, nodes } = await remote.loadTree();
      promise(Number.isSafeInteger(pages) && Array.isArray(nodes), "no tree");
      for (const node of nodes) promise(node === null || typeof node.address === "string", "a node is none");
    },
    () => journal.loadTree(sealing),
    () => remote.loadRefs(0, 0, 1),
    () => remote.loadIntent(),
    () => EntriesAside.take(journal, sealing, 3, 9),
    async () => {
      for (const { first, lengths } of await remote.bundles.load(4, 8))
        promise(first === 4 && lengths.every(Number.isSafeInteger), "a bundle is none");
    },
  ];
  const folder = mkdtempSync(join(tmpdir(), "remote-log-fuzz-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "fork.json");

  return [
    {
      name: "journal-record",
      share: 16,
      mutate: mutateBytes,
      refusals: [],
      check: (input) => {
        const value = withoutChecksum(key, input);
        promise(
          value === undefined || bytesEqual(withChecksum(key, value), input),
          "a damaged record was taken for a whole one",
        );
      },
    },
    {
      // Whatever the records say under checksums that are right.
      name: "journal",
      mutate: mostly(mutateJson),
      refusals: [...CORRUPT, "ERR_MALFORMED"],
      check: async (input, origin) => {
        database.value = input;
        await loads[origin]!();
      },
    },
    {
      name: "reader-state",
      share: 1,
      mutate: mostly(mutateJson),
      refusals: CORRUPT,
      check: async (input, origin) => {
        // In the order of the corpus: the state, the proof of a fork, a cursor, and the state of a log whose key was replaced. The
        // rest of the store is empty.
        const key = ["mark", "fork", "cursor/screen", "mark"][origin]!;
        const store = {
          get: async (name: string) => (name.endsWith(`/${key}`) ? input : undefined),
          put: async () => undefined,
          compareAndSet: async () => true,
        };
        const logId = logIds[origin]!;
        try {
          await using reader = await openReader({ logId, remotes: [scriptedRemote(new Map())], store });
          const { genesis } = reader;
          promise(genesis === undefined || genesis.logId === logId, "a state of another log was taken");
          for await (const _ of reader.follow({ cursor: "screen", live: false }));
        } catch (error) {
          // The remote is empty: whatever was loaded, nothing newer is there. A log that forked stays frozen.
          if (!hasCode(error, "ERR_NOT_FOUND", "ERR_FORK")) throw error;
        }
      },
    },
    {
      name: "fork-file",
      share: 1,
      mutate: mostly(mutateJson),
      refusals: ["ERR_FORK_FILE", "ERR_MALFORMED", "ERR_INTEGRITY", "ERR_UNSUPPORTED"],
      check: async (input) => {
        writeFileSync(file, input);
        const verdict = await verifyForkEvidence(await readForkFile(file));
        promise(
          verdict?.by !== "signing-key" || verdict.smaller <= verdict.larger,
          "a fork has its sizes the wrong way round",
        );
      },
    },
  ];
}
