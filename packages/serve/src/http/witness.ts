// `add-checkpoint` of C2SP tlog-witness.

import {
  type Checkpoint,
  hasCode,
  isRemoteLogError,
  parseCheckpoint,
  parseConsistencyProof,
  parseSignedNote,
  verifyCheckpoint,
  verifyConsistency,
} from "@remote-log/core";
import type { Cosigner } from "@remote-log/core/cosign";
import type { ServedLog } from "../served-log.ts";
import { type Answer, NOT_FOUND } from "./answers.ts";

/** The longest request, in bytes. */
export const LONGEST_REQUEST = 131_072;

/** The most hashes of a proof. */
const MOST_HASHES = 63;

/** The root of the tree without entries. */
const EMPTY_ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/** What was signed last is of another size than the request says. */
class OtherSize extends Error {
  readonly size: number;
  constructor(size: number) {
    super("The old size is another.");
    this.size = size;
  }
}

/** The answer to a request. */
export async function addCheckpoint(
  witness: Cosigner,
  logs: readonly ServedLog[],
  body: string,
): Promise<Answer> {
  const end = body.indexOf("\n\n");
  const [first = "", ...hashes] = body.slice(0, Math.max(end, 0)).split("\n");
  const old = Number(/^old (0|[1-9]\d{0,15})$/.exec(first)?.[1] ?? Number.NaN);
  if (end < 0 || !Number.isSafeInteger(old) || hashes.length > MOST_HASHES)
    return refused(400, "It is not: old <size>, hashes, a blank line, a checkpoint.");
  const note = body.slice(end + 2);
  try {
    const { origin } = parseCheckpoint(parseSignedNote(note).text);
    const log = logs.find((one) => one.origin === origin);
    if (log === undefined) return NOT_FOUND;
    // Which key the log signs with is known once it was read.
    if (log.served === undefined)
      return { ...refused(503, "The log was not read yet."), headers: { "retry-after": "60" } };
    const checkpoint = await verifyCheckpoint(note, { origin, publicKey: log.served.logKey });
    return await sign(witness, { note, old, hashes, checkpoint, log, logKey: log.served.logKey });
  } catch (error) {
    if (error instanceof OtherSize) return conflict(error.size);
    if (hasCode(error, "ERR_MALFORMED")) return refused(400, error.message);
    if (hasCode(error, "ERR_INTEGRITY") && error.operation !== "cosign.sign")
      return refused(403, error.message);
    if (isRemoteLogError(error)) return refused(hasCode(error, "ERR_UNREACHABLE") ? 503 : 422, error.message);
    throw error;
  }
}

interface Submitted {
  readonly note: string;
  readonly old: number;
  readonly hashes: readonly string[];
  readonly checkpoint: Checkpoint;
  readonly log: ServedLog;
  readonly logKey: Uint8Array;
}

async function sign(
  witness: Cosigner,
  { note, old, hashes, checkpoint, log, logKey }: Submitted,
): Promise<Answer> {
  const { size, root, origin } = checkpoint;
  if (old > size) return refused(400, "The old size is larger than the size of the checkpoint.");
  const before = await witness.signed(origin);
  const signed = before === undefined ? 0 : parseCheckpoint(parseSignedNote(before).text).size;
  if (signed !== old) throw new OtherSize(signed);
  if (size === 0 && Buffer.from(root).toString("base64") !== EMPTY_ROOT)
    return refused(422, "The root of an empty log is another.");
  if ((old === 0 || old === size) && hashes.length > 0) return refused(422, "No proof belongs here.");
  const extendsEarlier = async (earlier: Checkpoint): Promise<boolean> => {
    // Another request was faster.
    if (earlier.size !== old) throw new OtherSize(earlier.size);
    if (old === 0) return true;
    const { path } = parseConsistencyProof(
      `remote-log/consistency@v1\n${old} ${size}\n${hashes.map((hash) => `${hash}\n`).join("")}`,
    );
    return verifyConsistency({ first: old, firstRoot: earlier.root, second: size, secondRoot: root, path });
  };
  const cosigned = await witness.cosign({ note, logKey, extends: extendsEarlier });
  // There is more to mirror than was seen so far.
  if (size > (log.served?.size ?? 0)) log.nudge();
  const lines = cosigned.slice(cosigned.indexOf("\n\n") + 2).split("\n");
  return {
    status: 200,
    body: `${lines.filter((line) => line.startsWith(`\u2014 ${witness.name} `)).join("\n")}\n`,
  };
}

function conflict(size: number): Answer {
  return { status: 409, type: "text/x.tlog.size", body: `${size}\n` };
}

function refused(status: number, why: string): Answer {
  return { status, body: `${why}\n` };
}
