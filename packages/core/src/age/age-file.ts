// Files in the age format, version 1 (c2sp.org/age): written and opened by the library of its author, which is loaded when it is
// first needed.

/** Why a file could not be opened. */
type AgeFailure =
  /** It is no age file, or one that asks for more work than is allowed. */
  | "malformed"
  /** It is for others: none of its recipients is this identity, or the passphrase is another. */
  | "no-match"
  /** It is for this identity, and what it holds was changed or cut short. */
  | "damaged";

/** What opening a file gave. */
export type AgeOpened =
  | { readonly plaintext: Uint8Array }
  | { readonly failure: AgeFailure; readonly cause?: unknown };

/** What a file is opened with. */
export type AgeSecret = { readonly identities: readonly string[] } | { readonly passphrase: string };

/** The kinds of key pairs: X25519, or that together with ML-KEM-768, which a quantum computer does not break. */
export type AgeKind = "x25519" | "hybrid";

/** The base-2 logarithm of the work of scrypt that `age -p` uses: about a second, and 256 MiB of memory. */
export const SCRYPT_WORK = 18;

/** The most that is done for a file: four times as much. */
const MOST_SCRYPT_WORK = 20;

/** The most recipients of a file that are tried, also of kinds that are not known. */
const MOST_STANZAS = 256;

const X25519_RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;
const HYBRID_RECIPIENT = /^age1pq1[02-9ac-hj-np-z]{1900,2000}$/;

/** Loads the library. Where that fails, as in a page that is offline, nothing is known of identities and recipients. */
export const loadAge = (): Promise<typeof import("age-encryption")> => import("age-encryption");

/** Encrypts for recipients, in the order given. All of them have to be valid: see {@link ageRecipientKind}. */
export async function encryptFor(recipients: readonly string[], plaintext: Uint8Array): Promise<Uint8Array> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(plaintext);
}

/** Encrypts with a passphrase (scrypt), as text (the format's "armor"). */
export async function encryptWithPassphrase(
  passphrase: string,
  plaintext: Uint8Array,
  workFactor: number = SCRYPT_WORK,
): Promise<string> {
  const { Encrypter, armor } = await loadAge();
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  return armor.encode(await encrypter.encrypt(plaintext));
}

/** Opens a file, given as bytes or as text with armor. Never rejects because of what the file holds. */
export async function decryptWith(secret: AgeSecret, file: Uint8Array | string): Promise<AgeOpened> {
  const { Decrypter, armor } = await loadAge();
  const decrypter = new Decrypter();
  // The library's errors differ by their texts alone. These two tell the cases apart: the first is asked when the header was
  // understood, the last if no other fitted.
  let [understood, matched] = [false, true];
  decrypter.addIdentity({
    unwrapFileKey: (stanzas) => {
      if (stanzas.length > MOST_STANZAS) throw new Error("too many recipients");
      const work = stanzas.map(({ args: [kind, , factor] }) => (kind === "scrypt" ? Number(factor) : 0));
      if (!work.every((factor) => factor <= MOST_SCRYPT_WORK)) throw new Error("too much work");
      understood = true;
      return null;
    },
  });
  if ("passphrase" in secret) decrypter.addPassphrase(secret.passphrase);
  else for (const identity of secret.identities) decrypter.addIdentity(identity);
  decrypter.addIdentity({
    unwrapFileKey: () => {
      matched = false;
      return null;
    },
  });
  try {
    return { plaintext: await decrypter.decrypt(typeof file === "string" ? armor.decode(file) : file) };
  } catch (cause) {
    if (!matched) return { failure: "no-match" };
    return { failure: understood ? "damaged" : "malformed", cause };
  }
}

/** A new identity, `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`. */
export async function generateAgeIdentity(kind: AgeKind): Promise<string> {
  const { generateX25519Identity, generateHybridIdentity } = await loadAge();
  return kind === "x25519" ? generateX25519Identity() : generateHybridIdentity();
}

/**
 * The recipient of an identity.
 *
 * @throws an error of the library if it is none
 */
export async function ageRecipientOf(identity: string): Promise<string> {
  const { identityToRecipient } = await loadAge();
  return identityToRecipient(identity);
}

/** The kind of a recipient that can be encrypted for; `undefined` for anything else. */
export async function ageRecipientKind(recipient: string): Promise<AgeKind | undefined> {
  // Both are written in bech32, whose data have no 1: so no other kind of recipient has one of these forms.
  const kind = X25519_RECIPIENT.test(recipient)
    ? "x25519"
    : HYBRID_RECIPIENT.test(recipient)
      ? "hybrid"
      : undefined;
  if (kind === undefined) return undefined;
  await loadAge();
  try {
    // Only encrypting shows whether a public key can be used.
    await encryptFor([recipient], new Uint8Array(0));
    return kind;
  } catch {
    return undefined;
  }
}

/** Whether a text begins as an age file does, with armor or without. */
export function looksLikeAgeFile(file: string): boolean {
  return /^\s*-----BEGIN AGE ENCRYPTED FILE-----/.test(file) || file.startsWith("age-encryption.org/v1\n");
}
