// Names of feeds: `<owner>/<topic>`, or any text under an owner.

import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { InvalidInputError } from "@remote-log/core";
import { encodeUtf8 } from "@remote-log/core/adapter";
import { toHex } from "../chunk/hex.ts";

/** A feed: who owns it, and which of the owner's feeds it is. */
export interface FeedName {
  /** Ethereum address of the owner, 20 bytes. */
  readonly owner: Uint8Array;
  /** 32 bytes. */
  readonly topic: Uint8Array;
  /** `<owner>/<topic>`, in hexadecimal digits of lower case. */
  readonly text: string;
}

/** The prefix of a name in the text that its topic is the hash of. */
const TOPIC_PREFIX = "remote-log/v1/";

/** Owner and topic as a feed is written. */
const FEED = /^([0-9a-f]{40})\/([0-9a-f]{64})$/;

/** A feed in another spelling. */
const OTHER_SPELLING = /^(0x)?[0-9a-f]{40}\/(0x)?[0-9a-f]{64}$/i;

/**
 * The feed that a text stands for. `<owner>/<topic>` stands for itself. Any other text stands for the feed of the given
 * owner whose topic is Keccak-256 over `remote-log/v1/` and the text.
 *
 * @param owner - 20 bytes; `undefined` if none is known: then a text has to name its own
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a text that stands for none
 */
export function feedNameOf(text: string, owner: Uint8Array | undefined): FeedName {
  const [, ownerHex, topicHex] = FEED.exec(text) ?? [];
  if (ownerHex !== undefined && topicHex !== undefined) {
    return { owner: hexToBytes(ownerHex), topic: hexToBytes(topicHex), text };
  }
  if (OTHER_SPELLING.test(text)) {
    const written = text.toLowerCase().replaceAll("0x", "");
    throw invalid(`${JSON.stringify(text)} is another way to write ${written}. Write it like that`);
  }
  // Encoded as UTF-8, every lone surrogate would become the same replacement character.
  if (/[\ud800-\udfff]/u.test(text)) {
    throw invalid("it holds half of a surrogate pair, so UTF-8 can't encode it. Use another name");
  }
  if (owner === undefined) {
    throw invalid(
      `${JSON.stringify(text.slice(0, 80))} names no owner, and none is known. Write <owner>/<topic>, or give the ` +
        "`nameKey` or the `owner`",
    );
  }
  const topic = keccak_256(encodeUtf8(TOPIC_PREFIX + text));
  return { owner, topic, text: `${toHex(owner)}/${toHex(topic)}` };
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`The name can't be used: ${why}.`, { operation: "swarm.name" });
}
