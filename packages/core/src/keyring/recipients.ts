// The recipients of a keyring: which texts are some, and how many there seem to be; docs/protocol.md, "Keyrings".

import { type AgeKind, ageRecipientKind, ageRecipientOf, generateAgeIdentity } from "../age/age-file.ts";
import { InvalidInputError } from "../errors/index.ts";
import { checkArgument } from "../options/check-option-types.ts";
import { text } from "../options/option-kinds.ts";
import { randomBytes } from "../runtime/random.ts";

/** The most readers that a log names at once. */
export const MOST_READERS = 256;

/** What a keyring has at least, so that a log with one reader looks like one with four. */
const LEAST_RECIPIENTS = 4;

/** The kinds of key pairs that readers may have: X25519, or that together with ML-KEM-768 (post-quantum). */
export type RecipientKind = AgeKind;

// Whether a public key can be used takes as long to find out as wrapping a key for it, and a writer names the same readers again and
// again.
const known = new Map<string, RecipientKind>();
const MOST_KNOWN = 1024;

/**
 * Checks that somebody can be named by a text, and says what kind of key it is.
 *
 * @param recipient - `age1…` or `age1pq1…`, as `recipientOf` and `age-keygen` print them
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"recipient"` if it is no such text
 *
 * @example
 * ```ts
 * import { checkRecipient, generateIdentity, recipientOf } from "@remote-log/core/keyring";
 *
 * const bob = await generateIdentity();
 * console.log(await checkRecipient(await recipientOf(bob))); // x25519
 * ```
 */
export async function checkRecipient(recipient: string): Promise<RecipientKind> {
  checkArgument(recipient, text, { name: "A recipient", operation: "keyring.recipient" });
  const checked = known.get(recipient);
  if (checked !== undefined) return checked;
  const kind = await ageRecipientKind(recipient);
  if (kind !== undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(recipient, kind);
    return kind;
  }
  // It could be an identity at the wrong place, so it is not repeated.
  const isSecret = /^\s*AGE-SECRET-KEY-/i.test(recipient);
  throw new InvalidInputError(
    isSecret
      ? "This is the secret identity of a reader, and not the recipient that belongs to it. Nobody but the reader may have it: " +
          "make another one, and pass on what begins with age1."
      : "This names no reader: a recipient begins with age1 or age1pq1, as rlog reader-key and age-keygen print it. Keys of SSH, of " +
          "hardware and of plug-ins can't be used here.",
    { operation: "keyring.recipient", reason: "recipient" },
  );
}

/**
 * Checks that one keyring can be made for some readers: that there are not too many, and that all of their keys are of one kind.
 *
 * @returns the kind of all of them; X25519 if there are none
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"recipient"`, `"mixed-recipients"` or `"too-many-readers"`
 */
export async function checkRecipients(recipients: readonly string[]): Promise<RecipientKind> {
  if (recipients.length > MOST_READERS) {
    throw new InvalidInputError(
      `A log names at most ${MOST_READERS} readers at once, not ${recipients.length}. Send a link to those who may all have the same ` +
        "key.",
      { operation: "keyring.seal", reason: "too-many-readers" },
    );
  }
  const kinds = new Set<RecipientKind>();
  for (const recipient of recipients) kinds.add(await checkRecipient(recipient));
  const [kind = "x25519", another] = kinds;
  if (another === undefined) return kind;
  throw new InvalidInputError(
    "Readers with post-quantum keys (age1pq1…) and readers without (age1…) can't be named together: the same key would be wrapped " +
      "for both, and be as weak as the weaker. Ask all of them for keys of one kind.",
    { operation: "keyring.seal", reason: "mixed-recipients" },
  );
}

/**
 * How many recipients a keyring has that names some readers: the next power of two, and at least four.
 */
export function paddedCount(readers: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(readers, LEAST_RECIPIENTS)));
}

/** The recipients with throw-away ones of the same kind among them, in an order that tells nothing, as many as were asked for. */
export async function padRecipients(
  recipients: readonly string[],
  kind: RecipientKind,
  count: number,
): Promise<readonly string[]> {
  const padded = [...recipients];
  while (padded.length < count) padded.push(await ageRecipientOf(await generateAgeIdentity(kind)));
  const draw = new DataView(randomBytes(padded.length * 8, "keyring.seal").buffer);
  return padded
    .map((recipient, i) => ({ recipient, place: draw.getBigUint64(i * 8) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ recipient }) => recipient);
}
