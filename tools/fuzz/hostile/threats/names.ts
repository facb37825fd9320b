// T4 to T7: names that are withheld, set back or frozen.

import { Address } from "../../../../packages/core/src/address/address.ts";
import { parseCheckpoint, parseSignedNote } from "../../../../packages/core/src/checkpoint/index.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type Step, type ThreatFile, threat } from "../fixture.ts";
import type { Parts } from "../parts.ts";

const rootIn = (head: Uint8Array): Uint8Array =>
  parseCheckpoint(parseSignedNote(decodeRemoteLog(head).checkpoint).text).root;

/** Fixtures of T4 to T7. */
export async function names(parts: Parts): Promise<readonly ThreatFile[]> {
  const { log, branch, contents, objects } = parts;
  const { logId } = log;
  const heads = log.heads.map(hexOf);
  const [one, two, four, six] = heads as [string, string, string, string];
  const all = { ...objects(log), ...objects(log, 1), ...objects(log, 2) };
  const newestAlone = objects(log);

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

  return [
    threat("T4", "A name is withheld", [
      read("name-absent", "The only name holds nothing.", [
        { heads: [null], delivers: [], code: "ERR_NOT_FOUND" },
      ]),
      read(
        "one-name-absent",
        "One of two names holds nothing: the other one's head is read.",
        [step([null, six], 6)],
        [{}, newestAlone],
      ),
      read(
        "one-name-old",
        "One of two names shows an older head: the newer one is read.",
        [step([two, six], 6)],
        [{}, newestAlone],
      ),
      read(
        "one-name-nonsense",
        "One of two names holds nonsense: the other one's head is read.",
        [step(["ff00ff", six], 6)],
        [{}, newestAlone],
      ),
      read("name-gone-later", "A name that was there holds nothing any more: that is told.", [
        step([six], 6),
        { heads: [null], delivers: [], code: "ERR_NOT_FOUND" },
      ]),
    ]),
    threat("T5", "A name is set back", [
      read("older-head", "A head of 4 entries after one of 6: nothing of it is delivered.", [
        step([six], 6),
        { heads: [four], delivers: [], code: "ERR_ROLLBACK" },
      ]),
      read("first-head", "The first head again.", [
        step([four], 4),
        { heads: [one], delivers: [], code: "ERR_ROLLBACK" },
      ]),
      read("back-and-forth", "A name that was set back shows the newest head again: that one is accepted.", [
        step([six], 6),
        { heads: [two], delivers: [], code: "ERR_ROLLBACK" },
        step([six], 6),
      ]),
      read("same-head-again", "The same head under another revision is the same state.", [
        step([six], 6),
        step([six], 6),
      ]),
      read("extended", "A head of 6 entries after one of 2 extends it.", [step([two], 2), step([six], 6)]),
      read(
        "extended-without-nodes",
        "A head of 6 entries after one of 2, whose nodes are withheld: nobody can say that it extends it.",
        [step([two], 2), { heads: [six], delivers: [], code: "ERR_NOT_FOUND" }],
        [onlyOf(all, log.heads[1]!)],
      ),
    ]),
    threat("T6", "A name is set back before a reader saw anything", [
      read(
        "below-floor",
        "A floor of 6 entries, a head of 4.",
        [{ heads: [four], delivers: [], code: "ERR_ROLLBACK" }],
        [all],
        { size: 6 },
      ),
      read("at-floor", "A floor of 4 entries with their root, a head of 4.", [step([four], 4)], [all], {
        size: 4,
        root: hexOf(rootIn(log.heads[2]!)),
      }),
      read("above-floor", "A floor of 2 entries with their root, a head of 6.", [step([six], 6)], [all], {
        size: 2,
        root: hexOf(rootIn(log.heads[1]!)),
      }),
      read(
        "floor-of-another-history",
        "A floor of 4 entries with the root of another history.",
        [{ heads: [six], delivers: [], code: "ERR_INTEGRITY" }],
        [all],
        { size: 4, root: hexOf(rootIn(branch.heads[2]!)) },
      ),
    ]),
    threat("T7", "A name is frozen", [
      read(
        "nothing-new",
        "A name that always shows the same head is not told from a writer who is silent.",
        [step([two], 2), step([two], 2)],
        [objects(log, 1)],
      ),
    ]),
  ];
}

/** Only the objects that a head shows itself. */
function onlyOf(
  objects: Readonly<Record<string, string>>,
  head: Uint8Array,
): Readonly<Record<string, string>> {
  const shown = decodeRemoteLog(head).levels.flatMap(({ addresses }) =>
    addresses.map((address) => `${Address.fromBytes(address)}`),
  );
  return Object.fromEntries(Object.entries(objects).filter(([address]) => shown.includes(address)));
}
