// T8: keys that sign two histories, and accusations that are forged.

import {
  checkpointOrigin,
  formatCheckpoint,
  parseCheckpoint,
  parseSignedNote,
  signNote,
} from "../../../../packages/core/src/checkpoint/index.ts";
import { ForkError, memoryReaderStore, openReader } from "../../../../packages/core/src/index.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { scriptedRemote } from "../../../../packages/core/test/reader/scripted-remote.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type Step, type ThreatFile, threat } from "../fixture.ts";
import { hash, type Parts } from "../parts.ts";

/** The proof of a fork, as a reader finds it. */
async function evidenceOf(
  { log, branch }: Parts,
  [first, second]: readonly [number, number],
): Promise<ForkError["evidence"]> {
  const remote = scriptedRemote(new Map([...log.objects, ...branch.objects]), log.heads[first]);
  const reader = await openReader({ logId: log.logId, remotes: [remote], store: memoryReaderStore() });
  await reader.sync();
  remote.names.show(branch.heads[second]!);
  const error = await reader.sync().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await reader.close();
  if (!(error instanceof ForkError)) throw new Error("The branches are no fork.");
  return error.evidence;
}

const rootIn = (head: Uint8Array): Uint8Array =>
  parseCheckpoint(parseSignedNote(decodeRemoteLog(head).checkpoint).text).root;

/** Fixtures of T8. */
export async function forks(parts: Parts): Promise<readonly ThreatFile[]> {
  const { log, branch, other, key, strangerKey, contents, objects } = parts;
  const { logId } = log;
  const heads = log.heads.map(hexOf);
  const [_one, two, _four, six] = heads as [string, string, string, string];
  const all = { ...objects(log), ...objects(log, 1), ...objects(log, 2) };

  const both = { ...all, ...objects(branch) };
  const read = (
    name: string,
    why: string,
    steps: readonly Step[],
    held: readonly Readonly<Record<string, string>>[] = [all],
    floor?: { size: number; root?: string },
  ): Fixture => ({ name, why, read: { logId, objects: held, steps, ...(floor && { floor }) } });
  const step = (shown: Step["heads"], count: number, code?: string): Step => ({
    heads: shown,
    delivers: contents(log, count),
    ...(code !== undefined && { code }),
  });

  const newest = log.heads.at(-1)!;
  const noteOf = async (text: string, name = checkpointOrigin(logId), signer = key): Promise<string> =>
    signNote(text, name, signer);
  const checkpoint = (size: number, root = rootIn(newest)): string =>
    formatCheckpoint({ origin: checkpointOrigin(logId), size, root });

  const evidence = await evidenceOf(parts, [3, 3]);
  const unequal = await evidenceOf(parts, [1, 3]);
  const fork = ({ genesis, smaller, larger, path }: typeof evidence): string =>
    JSON.stringify({ genesis: hexOf(genesis), smaller, larger, path: path.map(hexOf) });
  const forkFixture = (
    name: string,
    why: string,
    text: string,
    verdict: Pick<Fixture & { code: string; means: string }, never> & object,
  ): Fixture => ({ name, why, decode: "fork-evidence", input: { text }, ...verdict }) as Fixture;
  const accepted = (means: string): object => ({ expect: "accepted", means });
  const refused = (code: string): object => ({ expect: "refused", code });

  return [
    threat("T8", "A key signs two histories", [
      read(
        "same-size",
        "Two heads of 6 entries with different roots, one after the other.",
        [step([six], 6), { heads: [hexOf(branch.heads[3]!)], delivers: [], code: "ERR_FORK" }],
        [both],
      ),
      read(
        "larger",
        "A head of 6 entries that does not begin with the 2 that were read.",
        [step([two], 2), { heads: [hexOf(branch.heads[3]!)], delivers: [], code: "ERR_FORK" }],
        [both],
      ),
      read(
        "smaller",
        "A head of 4 entries that the 6 that were read do not begin with.",
        [step([six], 6), { heads: [hexOf(branch.heads[2]!)], delivers: [], code: "ERR_FORK" }],
        [both],
      ),
      read(
        "frozen-afterwards",
        "After a fork, the head that was read before is refused, too.",
        [
          step([six], 6),
          { heads: [hexOf(branch.heads[3]!)], delivers: [], code: "ERR_FORK" },
          { heads: [six], delivers: [], code: "ERR_FORK" },
        ],
        [both],
      ),
      forkFixture(
        "evidence-same-size",
        "Two signed roots of 6 entries.",
        fork(evidence),
        accepted("a fork at 6 and 6"),
      ),
      forkFixture(
        "evidence-other-size",
        "Signed roots of 2 and 6 entries, with a consistency path.",
        fork(unequal),
        accepted("a fork at 2 and 6"),
      ),
      forkFixture(
        "evidence-of-nothing",
        "The same checkpoint twice proves nothing.",
        fork({ ...evidence, larger: evidence.smaller }),
        accepted("no fork"),
      ),
      forkFixture(
        "evidence-without-path",
        "Signed roots of 2 and 6 entries, without a path.",
        fork({ ...unequal, path: [] }),
        accepted("no fork"),
      ),
      forkFixture(
        "evidence-wrong-path",
        "A path that does not lead to the larger root.",
        fork({ ...unequal, path: unequal.path.map(() => hash(1)) }),
        accepted("no fork"),
      ),
      forkFixture(
        "evidence-path-too-long",
        "A path with a hash more.",
        fork({ ...unequal, path: [...unequal.path, hash(1)] }),
        accepted("no fork"),
      ),
      forkFixture(
        "evidence-of-a-stranger",
        "The other root is signed by another key: an accusation that is forged.",
        fork({
          ...evidence,
          larger: await noteOf(checkpoint(6, hash(1)), checkpointOrigin(logId), strangerKey),
        }),
        refused("ERR_INTEGRITY"),
      ),
      forkFixture(
        "evidence-of-another-log",
        "The other root is that of another log.",
        fork({ ...evidence, larger: new TextDecoder().decode(decodeRemoteLog(other.heads[3]!).checkpoint) }),
        refused("ERR_INTEGRITY"),
      ),
      forkFixture(
        "evidence-unsigned",
        "The other root has no signature.",
        fork({ ...evidence, larger: checkpoint(6, hash(1)) }),
        refused("ERR_MALFORMED"),
      ),
    ]),
  ];
}
