// T9 to T11: sizes out of reach, parts of other logs, old entries as new.

import { Address } from "../../../../packages/core/src/address/address.ts";
import {
  checkpointOrigin,
  formatCheckpoint,
  parseCheckpoint,
  parseSignedNote,
  signNote,
} from "../../../../packages/core/src/checkpoint/index.ts";
import { encodeHeadPointer } from "../../../../packages/core/src/log/head.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { addressBytes, bytes, hash, hex, type Parts } from "../parts.ts";

const rootIn = (head: Uint8Array): Uint8Array =>
  parseCheckpoint(parseSignedNote(decodeRemoteLog(head).checkpoint).text).root;

/** Fixtures of T9 to T11. */
export async function oldParts(parts: Parts): Promise<readonly ThreatFile[]> {
  const { log, branch, other, key, contents } = parts;
  const { logId } = log;
  const heads = log.heads.map(hexOf);
  const [_one, _two, _four, six] = heads as [string, string, string, string];

  const decodeHead = (name: string, why: string, head: Uint8Array, code: string): Fixture => ({
    name,
    why,
    decode: "head",
    input: hex(head),
    with: { logId },
    expect: "refused",
    code,
  });
  const newest = log.heads.at(-1)!;
  const noteOf = async (text: string, name = checkpointOrigin(logId), signer = key): Promise<string> =>
    signNote(text, name, signer);
  const checkpoint = (size: number, root = rootIn(newest)): string =>
    formatCheckpoint({ origin: checkpointOrigin(logId), size, root });
  const withNote = (note: string): Uint8Array => parts.changed(newest, () => ({ checkpoint: bytes(note) }));

  return [
    threat("T9", "A size out of reach", [
      ...(await Promise.all(
        [7, 5, 2 ** 32, Number.MAX_SAFE_INTEGER].map(
          async (size): Promise<Fixture> =>
            decodeHead(
              `size-${size}`,
              `The writer signs a size of ${size} over an index of 6 entries.`,
              await parts.signed(newest, { size, root: rootIn(newest) }),
              "ERR_MALFORMED",
            ),
        ),
      )),
      ...(await Promise.all(
        [
          "9007199254740992",
          "18446744073709551615",
          "18446744073709551616",
          "1e3",
          "-1",
          "06",
          "6.0",
          "",
          "٦",
        ].map(async (digits): Promise<Fixture> => {
          const text = checkpoint(6).replace("\n6\n", `\n${digits}\n`);
          return decodeHead(
            `digits-${digits === "" ? "none" : digits === "٦" ? "arabic" : digits}`,
            `The writer signs the size ${JSON.stringify(digits)}.`,
            withNote(await noteOf(text)),
            "ERR_MALFORMED",
          );
        }),
      )),
      decodeHead(
        "other-root",
        "The writer signs another root: the head does not add up to it.",
        await parts.signed(newest, { size: 6, root: hash(1) }),
        "ERR_INTEGRITY",
      ),
    ]),
    threat("T10", "Parts of other logs", [
      {
        name: "head-of-another-log",
        why: "A head of the writer's other log, with the same key.",
        decode: "head",
        input: hex(other.heads[3]!),
        with: { logId },
        expect: "refused",
        code: "ERR_INTEGRITY",
      },
      decodeHead(
        "genesis-of-another-log",
        "The genesis record of the other log.",
        parts.changed(newest, () => ({ genesis: decodeRemoteLog(other.heads[3]!).genesis })),
        "ERR_INTEGRITY",
      ),
      decodeHead(
        "checkpoint-of-another-log",
        "The signed note of the other log, by the same key.",
        parts.changed(newest, () => ({ checkpoint: decodeRemoteLog(other.heads[3]!).checkpoint })),
        "ERR_INTEGRITY",
      ),
      decodeHead(
        "levels-of-another-log",
        "The index of the other log.",
        parts.changed(newest, () => ({ levels: decodeRemoteLog(other.heads[3]!).levels })),
        "ERR_MALFORMED",
      ),
      decodeHead(
        "levels-of-a-fork",
        "The index of the other history.",
        parts.changed(newest, () => ({
          levels: decodeRemoteLog(branch.heads[3]!).levels,
          tail: decodeRemoteLog(branch.heads[3]!).tail,
        })),
        "ERR_INTEGRITY",
      ),
      decodeHead(
        "checkpoint-of-another-size",
        "The signed note of 4 entries over an index of 6.",
        parts.changed(newest, () => ({ checkpoint: decodeRemoteLog(log.heads[2]!).checkpoint })),
        "ERR_MALFORMED",
      ),
      decodeHead(
        "origin-of-another-log",
        "The note names another log, and the right key has signed it.",
        withNote(await noteOf(checkpoint(6).replace(logId, other.logId), checkpointOrigin(other.logId))),
        "ERR_INTEGRITY",
      ),
      decodeHead(
        "name-of-another-key",
        "The note is signed under another name of the key.",
        withNote(await noteOf(checkpoint(6), checkpointOrigin(other.logId))),
        "ERR_INTEGRITY",
      ),
      {
        name: "pointer-to-another-log",
        why: "The name points at the head of the other log.",
        read: {
          logId,
          objects: [{ [`${Address.fromBytes(addressBytes(other.heads[3]!))}`]: hexOf(other.heads[3]!) }],
          steps: [
            {
              heads: [hexOf(encodeHeadPointer(Address.fromBytes(addressBytes(other.heads[3]!))))],
              delivers: [],
              code: "ERR_INTEGRITY",
            },
          ],
        },
      },
    ]),
    threat("T11", "An old entry as a new one", [
      decodeHead(
        "oldest-as-newest",
        "The first entry in the place of the newest.",
        parts.changed(newest, () => ({ pairs: decodeRemoteLog(log.heads[0]!).pairs })),
        "ERR_INTEGRITY",
      ),
      decodeHead(
        "newest-of-a-fork",
        "The newest entry of the other history.",
        parts.changed(newest, () => ({ pairs: decodeRemoteLog(branch.heads[3]!).pairs })),
        "ERR_INTEGRITY",
      ),
      {
        name: "page-replayed",
        why: "The page of entry 0 comes in the place of that of entry 1.",
        read: {
          logId,
          objects: [replayed(parts)],
          steps: [{ heads: [six], delivers: contents(log, 1), code: "ERR_INTEGRITY" }],
        },
      },
    ]),
  ];
}

/** The objects of the log, the page of its first entry in the place of that of the second. */
function replayed({ log, objects }: Parts): Readonly<Record<string, string>> {
  const pageOf = (entry: number): string => {
    const found = [...log.objects].find(([, content]) => {
      try {
        const [pair] = decodeRemoteLog(content).pairs;
        return pair !== undefined && Buffer.compare(pair.data, log.entries[entry]!) === 0;
      } catch {
        return false;
      }
    });
    return found![0];
  };
  const all = objects(log);
  return { ...all, [pageOf(1)]: all[pageOf(0)]! };
}
