// What readers by name get, as valid inputs.

import { recipientOf } from "../../packages/core/src/keyring/index.ts";
import { ReadKey } from "../../packages/core/src/log/read-key.ts";
import { sealRemotes } from "../../packages/core/src/log/sealed-remotes.ts";
import { corpusRemotes, logOfCorpus } from "./decoders/keyrings.ts";
import { ageFile, readerIdentity } from "./hostile/age-file.ts";
import { keyringsOf } from "./hostile/keyring-files.ts";
import { readKeys } from "./hostile/private-log.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A post-quantum identity, as `age-keygen -pq` prints one. */
const hybrid = "AGE-SECRET-KEY-PQ-18ULN70EL8ULN70EL8ULN70EL8ULN70EL8ULN70EL8ULN70EL8ULSMMZNK8";

/** The inputs of the decoders in `decoders/keyrings.ts`, and of the message in a keyring. */
export async function keyringCorpus(): Promise<Record<string, readonly Uint8Array[]>> {
  const log = await logOfCorpus();
  const { file, message, history } = keyringsOf(log);
  const apart = { history: ageFile(["stranger"], bytes("for others")) };
  return {
    keyring: [file(), file({}, ["stranger", "reader"]), file(apart)],
    "keyring-message": [message(), message(apart), message({ epoch: 0, history: new Uint8Array(0) })],
    "keyring-of-hostile-writer": [message(), message(apart), message({ history: history() })],
    identity: [readerIdentity, `# created: today\n\n${readerIdentity}\r\n${readerIdentity}\n`].map(bytes),
    recipient: (await Promise.all([readerIdentity, hybrid].map(recipientOf))).map(bytes),
    "remotes-of-manifest": [bytes(corpusRemotes.join("\n")), bytes(corpusRemotes[0]!)],
    "sealed-remotes": [corpusRemotes, corpusRemotes.slice(1)].map((uris) =>
      sealRemotes(uris, log.genesis, new ReadKey(readKeys[1])),
    ),
  };
}
