// T17: encodings that are none.

import { decodeRemoteLog, encodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { type Input, type ThreatFile, threat } from "../fixture.ts";
import { field, hash, hex, numberField, opening, type Parts, repeated } from "../parts.ts";
import { table } from "../refusals.ts";

/** Fixtures of T17. */
export function messages(parts: Parts): readonly ThreatFile[] {
  const { log } = parts;
  const { logId } = log;
  const head = log.heads.at(-1)!;
  const first = log.heads[0]!;
  const genesis = decodeRemoteLog(head).genesis;

  const key = genesis.subarray(2, 36);

  const genesisOf = (...fields: readonly Uint8Array[]): Input => hex(numberField(1, 1), ...fields);
  const sizes = [numberField(5, 1), numberField(6, 16), numberField(7, 128)];

  return [
    threat("T17", "Encodings that are none", [
      ...table("remote-log", [
        ["cut-in-number", "A number that ends in its middle.", hex([0x8a])],
        ["cut-in-length", "A length that ends in its middle.", hex([0x0a, 0x80])],
        ["cut-in-bytes", "Fewer bytes than the length says.", hex([0x0a, 0x02, 0x12])],
        ["field-0", "A field with the number 0.", hex([0x02, 0x00])],
        ["field-2-29", "A field number over 2^29 - 1.", hex([0x82, 0x80, 0x80, 0x80, 0x10, 0x00])],
        ["padded-number", "A field number that is not in its shortest form.", hex([0x8a, 0x00, 0x00])],
        ["padded-length", "A length that is not in its shortest form.", hex([0x0a, 0x80, 0x00])],
        ["padded-ten-bytes", "A zero in ten bytes.", hex([0x28, ...new Uint8Array(9).fill(0x80), 0x00])],
        ["eleven-bytes", "A number in eleven bytes.", hex([0x28, ...new Uint8Array(10).fill(0x80), 0x01])],
        [
          "over-64-bits",
          "A number of more than 64 bits.",
          hex([0x28, ...new Uint8Array(9).fill(0xff), 0x02]),
        ],
        ["group", "A group.", hex([0x2b, 0x2c])],
        ["group-end", "The end of a group.", hex([0x2c])],
        ["wire-type-6", "A wire type that does not exist.", hex([0x2e])],
        ["wire-type-7", "Another wire type that does not exist.", hex([0x2f])],
        ["pair-as-number", "A pair that is a number.", hex([0x08, 0x00])],
        ["tail-as-fixed", "A tail of 8 bytes.", hex([0x11, ...new Uint8Array(8)])],
        ["tail-twice", "Two tails.", hex(field(2, [1]), field(2, [1]))],
        ["genesis-twice", "Two genesis records.", hex(field(100, [1]), field(100, [1]))],
        ["checkpoint-twice", "Two checkpoints.", hex(field(101, [1]), field(101, [1]))],
        ["empty-tail-twice", "Two empty tails.", hex(field(2, []), field(2, []))],
        ["identifier-of-31", "An identifier of 31 bytes.", hex(field(1, field(2, hash(1).subarray(1))))],
        ["identifier-of-33", "An identifier of 33 bytes.", hex(field(1, field(2, new Uint8Array(33))))],
        ["content-hash-of-31", "A content hash of 31 bytes.", hex(field(1, field(100, hash(1).subarray(1))))],
        [
          "identifier-twice",
          "Two identifiers in one pair.",
          hex(field(1, [...field(2, hash(1)), ...field(2, hash(1))])),
        ],
        ["data-twice", "Two contents in one pair.", hex(field(1, [...field(3, [1]), ...field(3, [2])]))],
        [
          "peaks-of-31",
          "Peaks that are no whole number of hashes.",
          hex(field(102, field(2, hash(1).subarray(1)))),
        ],
        ["hashes-without-addresses", "Hashes without addresses.", hex(field(102, field(4, hash(1))))],
        ["addresses-without-hashes", "Addresses without hashes.", hex(field(102, field(3, [1])))],
        [
          "level-in-itself",
          "A level in a level, in the place of an address.",
          hex(field(102, field(102, field(3, [1])).subarray(0, 4))),
        ],
      ]),
      {
        name: "unknown-field",
        why: "An unknown field is skipped: a later version may add some.",
        decode: "remote-log",
        input: hex(field(200, [1, 2])),
        expect: "accepted",
      },
      {
        name: "empty-message",
        why: "A message without fields is a page of the standard without entries.",
        decode: "remote-log",
        input: hex(),
        expect: "accepted",
      },
      ...table("index-node", [
        [
          "node-hash-missing",
          "Two addresses, one hash.",
          hex(field(1, [1]), field(1, [2]), field(2, hash(1))),
        ],
        ["node-hashes-twice", "The hashes twice.", hex(field(1, [1]), field(2, hash(1)), field(2, hash(1)))],
        [
          "node-257-refs",
          "One ref more than a node may have.",
          repeated([field(1, [1]), 257], [opening(2, 257 * 32), 1], [new Uint8Array(32), 257]),
        ],
      ]),
      ...table("genesis", [
        ["genesis-unknown-field", "A genesis record with an unknown field.", hex(genesis, field(200, [1]))],
        [
          "genesis-out-of-order",
          "A genesis record whose version comes last.",
          hex(genesis.subarray(2), genesis.subarray(0, 2)),
        ],
        [
          "genesis-default",
          "A genesis record that writes a default.",
          hex(numberField(1, 1), key, numberField(4, 0), ...sizes),
        ],
        ["genesis-no-key", "A genesis record without a key.", genesisOf(...sizes)],
        ["genesis-key-of-31", "A key of 31 bytes.", genesisOf(field(2, hash(1).subarray(1)), ...sizes)],
        [
          "genesis-recovery-of-31",
          "The hash of a recovery key, of 31 bytes.",
          genesisOf(key, field(3, hash(1).subarray(1)), ...sizes),
        ],
        [
          "genesis-leaf-size-3",
          "Pages of 3 entries.",
          genesisOf(key, numberField(5, 1), numberField(6, 3), numberField(7, 128)),
        ],
        [
          "genesis-leaf-size-2-17",
          "Pages of 131,072 entries.",
          genesisOf(key, numberField(5, 1), numberField(6, 2 ** 17), numberField(7, 128)),
        ],
        [
          "genesis-fan-out-1",
          "Nodes of one ref: a tree without end.",
          genesisOf(key, numberField(5, 1), numberField(6, 16), numberField(7, 1)),
        ],
        ["genesis-fan-out-0", "Nodes without refs.", genesisOf(key, numberField(5, 1), numberField(6, 16))],
        [
          "genesis-identifiers-2",
          "A kind of identifier that does not exist.",
          genesisOf(key, numberField(4, 2), ...sizes),
        ],
        ["genesis-version-0", "No version.", hex(key, ...sizes)],
        [
          "genesis-version-2",
          "A version that is not known yet.",
          hex(numberField(1, 2), key, ...sizes),
          "ERR_UNSUPPORTED",
        ],
        [
          "genesis-version-2-32",
          "A version of more than 32 bits.",
          hex(numberField(1, 2 ** 32), key, ...sizes),
        ],
        [
          "genesis-padded",
          "A version that is not in its shortest form.",
          hex([0x08, 0x81, 0x00], genesis.subarray(2)),
        ],
      ]),
      ...table("mvds-message", [
        [
          "mvds-group-of-31",
          "A group id of 31 bytes: its id would be that of another message.",
          hex(field(6001, hash(1).subarray(1))),
        ],
        ["mvds-group-of-33", "A group id of 33 bytes.", hex(field(6001, new Uint8Array(33)))],
        ["mvds-no-group", "No group id.", hex(field(6003, [1]))],
        [
          "mvds-parent-of-31",
          "A parent of 31 bytes.",
          hex(field(6001, hash(1)), field(6004, field(1, hash(1).subarray(1)))),
        ],
        ["mvds-bool-2", "A flag that is 2.", hex(field(6001, hash(1)), field(6004, [0x10, 0x02]))],
        ["mvds-metadata-twice", "Two metadata.", hex(field(6001, hash(1)), field(6004, []), field(6004, []))],
      ]),
      ...table(
        "head",
        [
          [
            "head-padded-tag",
            "The head of a real log, with a field number that is not in its shortest form.",
            hex([0x8a, 0x00], first.subarray(1)),
          ],
          ["head-group-inside", "The head of a real log with a group after it.", hex(first, [0x2b, 0x2c])],
        ],
        "ERR_MALFORMED",
        { logId },
      ),
      {
        name: "head-unknown-field",
        why: "The head of a real log with an unknown field: the same head.",
        decode: "head",
        input: hex(first, field(200, [1])),
        with: { logId },
        expect: "accepted",
      },
      {
        name: "head-fields-in-other-order",
        why: "The head of a real log with its genesis record first: the same head.",
        decode: "head",
        input: hex(
          field(100, genesis),
          encodeRemoteLog({ ...decodeRemoteLog(first), genesis: new Uint8Array(0) }),
        ),
        with: { logId },
        expect: "accepted",
      },
    ]),
  ];
}
