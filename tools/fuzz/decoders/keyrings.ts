// Readers by name: keyrings, identities, recipients; and what only they can read. docs/protocol.md, "Keyrings".

import { deriveKeys, signingKeyFromSeed } from "../../../packages/core/src/crypto/index.ts";
import { checkRecipient, ReaderIdentity } from "../../../packages/core/src/keyring/index.ts";
import { epochKeyOf } from "../../../packages/core/src/log/epoch-keys.ts";
import { ReadKey } from "../../../packages/core/src/log/read-key.ts";
import { openRemotes } from "../../../packages/core/src/log/sealed-remotes.ts";
import { faultOfUris } from "../../../packages/core/src/remote/remote-uri.ts";
import { encodeUtf8 } from "../../../packages/core/src/utf8.ts";
import { type Corpus, type Decoder, hexOf, MALFORMED, promise, UNUSABLE } from "../decoder.ts";
import { ageFile, readerIdentity } from "../hostile/age-file.ts";
import { type PrivateLog, privateLog, readKeys } from "../hostile/private-log.ts";
import { mostly, mutateBytes } from "../mutate/bytes.ts";
import { mutateProtobuf } from "../mutate/protobuf.ts";
import { mutateText, textIn } from "../mutate/text.ts";
import { logSeed } from "./signed.ts";

/** The private log of the corpus. */
export async function logOfCorpus(): Promise<PrivateLog> {
  return privateLog(await signingKeyFromSeed(deriveKeys(logSeed).signing));
}

/** A text as the reader's keyrings, notes and remotes in a manifest hold one. */
export const corpusRemotes: readonly string[] = ["https://example.org/log", "s3://bucket/a%20b?region=eu-1"];

/** Decoders of what readers by name get. */
export async function keyrings(corpus: Corpus): Promise<readonly Decoder[]> {
  const log = await logOfCorpus();
  const place = { logId: log.logId, epoch: 1 };
  const identity = new ReaderIdentity(readerIdentity);
  const remoteKey = new ReadKey(readKeys[1]);
  const sealed = new Set((corpus.get("sealed-remotes") ?? []).map(hexOf));
  return [
    {
      // A stanza that is there thousands of times takes long, and says nothing new.
      name: "keyring",
      share: 0.5,
      mutate: (seed, other, random) => mutateBytes(seed, other, random).subarray(0, 8192),
      refusals: ["ERR_MALFORMED", "ERR_NO_KEY", "ERR_INTEGRITY"],
      check: async (input) => {
        const { key, withHistory } = await identity.open(input, place);
        const right = withHistory ? readKeys[1] : log.epochKey;
        promise(hexOf(key.toBytes()) === hexOf(right), "a keyring gives another key than its writer sealed");
      },
    },
    {
      // Who writes the log names any keyring: what is in it is any input, and the file around it fits.
      name: "keyring-of-hostile-writer",
      share: 0.5,
      mutate: mostly(mutateProtobuf({})),
      refusals: ["ERR_MALFORMED", "ERR_INTEGRITY"],
      check: async (input) => {
        const { key, withHistory } = await identity.open(ageFile(["reader"], input.subarray(0, 8192)), place);
        promise(key.toBytes().length === 32, "a keyring gives a key of another length");
        promise(
          !withHistory || hexOf(epochKeyOf(key.toBytes(), place)) !== hexOf(key.toBytes()),
          "a keyring gives a read key that is its own key for entries",
        );
      },
    },
    {
      name: "identity",
      share: 0.5,
      mutate: mostly(mutateText),
      refusals: UNUSABLE,
      check: async (input) => {
        const found = new ReaderIdentity(textIn(input));
        const recipients = await found.recipients();
        promise(recipients.length > 0 && recipients.length <= 16, "a text holds no identities, or too many");
        for (const recipient of recipients) await checkRecipient(recipient);
        promise(!`${JSON.stringify(found)}${found}`.includes("AGE-SECRET"), "an identity shows itself");
      },
    },
    {
      name: "recipient",
      share: 0.5,
      mutate: mostly(mutateText),
      refusals: UNUSABLE,
      check: async (input) => {
        promise(/^(x25519|hybrid)$/.test(await checkRecipient(textIn(input))), "a recipient is of no kind");
      },
    },
    {
      // What the manifest of a public log says of its remotes. A reader uses none of them if one breaks a rule.
      name: "remotes-of-manifest",
      share: 8,
      mutate: mostly(mutateText),
      refusals: MALFORMED,
      check: (input) => {
        const uris = openRemotes(
          input,
          { ...log.genesis, genesis: { ...log.genesis.genesis, visibility: "public" } },
          undefined,
        );
        if (uris === undefined || faultOfUris(uris) !== undefined) refused();
        promise(uris.length <= 32, "a manifest names more remotes than a log can have");
        for (const uri of uris) {
          promise(!/^[^:]+:\/\/[^/?#]*@/.test(uri), "a remote has a user name");
          promise(!/[\p{C}\s\\]/u.test(uri), "a remote has a character that URL parsers drop or change");
          promise(encodeUtf8(uri).length <= 4 * 2048, "a remote is longer than any");
        }
      },
    },
    {
      name: "sealed-remotes",
      share: 8,
      mutate: mutateBytes,
      refusals: MALFORMED,
      check: (input) => {
        if (openRemotes(input, log.genesis, remoteKey) === undefined) refused();
        promise(sealed.has(hexOf(input)), "remotes are opened that nobody sealed");
      },
    },
  ];
}

/** Readers refuse remotes without an error: they are as if the manifest did not name them. */
function refused(): never {
  throw Object.assign(new Error("A reader uses none of these remotes."), { code: "ERR_MALFORMED" });
}
