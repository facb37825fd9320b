// What the corpus has of a log whose signing key was replaced.

import type { ForkEvidence } from "../../packages/core/src/errors/index.ts";
import { memoryReaderStore, openReader, verifyForkEvidence } from "../../packages/core/src/index.ts";
import { decodeRemoteLog } from "../../packages/core/src/wire/remote-log-message.ts";
import { scriptedRemote } from "../../packages/core/test/reader/scripted-remote.ts";
import { hexOf } from "./decoder.ts";
import { rotatedLog } from "./hostile/rotated-log.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Successions, heads, what a reader keeps of a thief, and proofs. */
export interface SuccessionsCorpus {
  readonly succession: readonly Uint8Array[];
  readonly successions: readonly Uint8Array[];
  readonly heads: readonly Uint8Array[];
  /** What a reader keeps to whom a thief's entries were delivered. */
  readonly mark: Uint8Array;
  /** Proofs in files: of the former key, of two successors, and of a fork by the later key. */
  readonly forkFiles: readonly Uint8Array[];
}

/** Makes it. */
export async function successionsCorpus(): Promise<SuccessionsCorpus> {
  const log = await rotatedLog();
  const { logId, owner, thief, keys, succession } = log;
  const first = await succession();
  const later = [await succession({ versions: 0 }), await succession({ index: 2, versions: 1 })];
  const [two, four] = owner.heads.slice(1) as [Uint8Array, Uint8Array];
  const evil = thief.heads[2]!;
  const one = { successions: [first], key: keys[1] };
  const heads = [
    await log.head({ head: two, ...one }),
    await log.head({ head: four, successions: later, key: keys[2] }),
  ];
  const [latest, other] = await Promise.all([four, evil].map((head) => log.head({ head, ...one })));

  const store = memoryReaderStore();
  const remote = scriptedRemote(new Map([...owner.objects, ...thief.objects]), evil);
  const reader = await openReader({ logId, remotes: [remote], store });
  for await (const _ of reader.follow({ cursor: "screen", live: false }));
  remote.names.show(heads[0]!);
  await reader.sync();
  const [former] = reader.formerKeyEvidence;
  await reader.close();
  const mark = (await store.get(`${logId}/mark`))!;

  const noteIn = (head: Uint8Array): string => new TextDecoder().decode(decodeRemoteLog(head).checkpoint);
  const proof = { genesis: log.genesis, path: [] };
  const twin = await succession({ signingKey: keys[2].publicKey });
  const proofs: ForkEvidence[] = [
    former!,
    { ...proof, smaller: twin, larger: first },
    { ...proof, successions: [first], smaller: noteIn(latest!), larger: noteIn(other!) },
  ];
  for (const evidence of proofs)
    if ((await verifyForkEvidence(evidence)) === undefined) throw new Error("A proof proves nothing.");
  return {
    succession: [first, later[1]!].map(bytes),
    successions: [first, later.join("\u0000")].map(bytes),
    ...{ heads, mark },
    forkFiles: proofs.map(({ genesis, path, ...notes }) =>
      bytes(
        JSON.stringify({
          type: "remote-log/fork@v1",
          genesis: hexOf(genesis),
          ...notes,
          path: path.map(hexOf),
        }),
      ),
    ),
  };
}
