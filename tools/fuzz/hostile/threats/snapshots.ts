// What heads say, unsigned, of where the content of the newest snapshot is: T2.

import { manifestOrigin } from "../../../../packages/core/src/log/head-manifest.ts";
import { hexOf } from "../../decoder.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { addressBytes, addressText, cid, field, hash, hex, type Parts } from "../parts.ts";
import { said, versionsOf } from "./manifests.ts";

/** The fixtures, for the file of their threat. */
export async function snapshots({
  log,
  key,
  changed,
  objects,
  contents,
}: Parts): Promise<readonly ThreatFile[]> {
  const head = log.heads.at(-1)!;
  const manifest = await said(
    versionsOf(1, () => ({ snapshot: 0 })),
    key,
    manifestOrigin(log.logId),
  );
  const foreign = new Uint8Array(2000).fill(7);
  const somewhere = addressBytes(foreign);
  const [other] = [...log.objects.values()];
  const showing = (snapshotContent: Uint8Array): Uint8Array =>
    changed(head, () => ({ manifest, snapshotContent }));
  const accepted = (name: string, snapshotContent: Uint8Array): Fixture => ({
    ...{ name: `manifest-snapshot-content-of-${name}`, why: "It is a hint alone.", decode: "head" },
    ...{ input: hex(showing(snapshotContent)), with: { logId: log.logId }, expect: "accepted" },
  });
  const refused = (name: string, why: string, decode: string, ...fields: readonly Uint8Array[]): Fixture => ({
    ...{ name: `manifest-snapshot-content-${name}`, why, decode, input: hex(...fields) },
    ...{ expect: "refused", code: "ERR_MALFORMED" },
  });
  const read = (
    name: string,
    why: string,
    snapshotContent: Uint8Array,
    held: Readonly<Record<string, string>> = {},
  ): Fixture => ({
    ...{ name: `manifest-snapshot-content-${name}`, why },
    read: {
      logId: log.logId,
      limits: { contentBytes: 1000 },
      objects: [{ ...objects(log), ...held }],
      steps: [{ heads: [hexOf(showing(snapshotContent))], delivers: contents(log, log.entries.length) }],
    },
  });
  return [
    threat("T2", "", [
      accepted("no-address", hash(1)),
      accepted("another-kind", cid(0xfa, 0x1b, hash(1))),
      refused("twice", "It is there once.", "remote-log", field(111, somewhere), field(111, somewhere)),
      refused(
        "beside-a-pointer",
        "A pointer to a head has no field of a head.",
        "name-content",
        field(103, somewhere),
        field(111, somewhere),
      ),
      read("gone", "Nothing is where it is said to be: it is read where it is.", somewhere),
      read("huge", "What is there is larger than a content may be.", somewhere, {
        [addressText(foreign)]: hexOf(foreign),
      }),
      read("changed", "What is there has another hash.", somewhere, {
        [addressText(foreign)]: hexOf(hash(1)),
      }),
      read(
        "of-another-entry",
        "The content of another entry is no snapshot.",
        addressBytes(log.entries[1]!),
        {
          [addressText(log.entries[1]!)]: hexOf(log.entries[1]!),
        },
      ),
      read("is-a-part", "Nor is a part of the log itself.", addressBytes(other!)),
    ]),
  ];
}
