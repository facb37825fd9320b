// 2/MVDS messages and their identifiers (docs/protocol.md, "Entries").

import { sha256 } from "./bytes.mjs";
import { decode } from "./decode.mjs";
import { wellFormed } from "./refused.mjs";

/** @type {import("./decode.mjs").Message} */
const METADATA = {
  name: "Metadata",
  fields: {
    1: { name: "parents", type: "bytes", repeated: 256 },
    2: { name: "ephemeral", type: "uint64" },
  },
};

/** @type {import("./decode.mjs").Message} */
const MESSAGE = {
  name: "Message",
  fields: {
    6001: { name: "groupId", type: "bytes" },
    6002: { name: "timestamp", type: "int64" },
    6003: { name: "body", type: "bytes" },
    6004: { name: "metadata", type: METADATA },
  },
};

/**
 * The id of the message that a content is.
 *
 * @param {Uint8Array} content
 */
export function mvdsId(content) {
  const { groupId, timestamp, body, metadata } = decode(MESSAGE, content);
  wellFormed(groupId.length === 32, "a message with a group id that has not 32 bytes");
  for (const parent of metadata?.parents ?? [])
    wellFormed(parent.length === 32, "a message with a parent that has not 32 bytes");
  wellFormed((metadata?.ephemeral ?? 0) <= 1, "a message with a flag that is neither 0 nor 1");
  const time = new DataView(new ArrayBuffer(8));
  time.setBigInt64(0, BigInt.asIntN(64, timestamp), true);
  return sha256("MESSAGE_ID", groupId, new Uint8Array(time.buffer), body);
}
