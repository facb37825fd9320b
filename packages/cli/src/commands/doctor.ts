import { type Examination, type Examined, examineRemote } from "../examine-remote.ts";
import { CommandError, codeOf, exitCodes, usageError } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { parseLog } from "../log-place.ts";
import { counted } from "../plural.ts";
import type { Finding } from "../remote-kind.ts";
import { parseRemote, type RemotePlace } from "../remotes.ts";
import { terminalText } from "../terminal-text.ts";
import { readWriterFolder, useWriterFolder } from "../writer-folder.ts";

/** Options of `rlog doctor`. */
export interface DoctorOptions {
  readonly dir: string;
  readonly remote: readonly string[];
  readonly json?: boolean;
}

/** What is to be examined. */
interface Patient {
  readonly examination: Omit<Examination, "signal" | "context">;
  readonly remotes: readonly (Pick<Examination, "context"> & { readonly place: RemotePlace })[];
  /** Entries that somebody is known to have published. */
  readonly published: number;
  /** Whether it is the log of a writer's folder. */
  readonly own: boolean;
}

/**
 * Examines the remotes of a log, side by side, and tells what needs care before it is too late. Changes nothing.
 *
 * @param log - a log id or a link; `undefined` for the log of the writer's folder
 * @throws CommandError `ERR_NEEDS_CARE` (exit code 5) where something was found
 */
export async function doctor(
  invocation: Invocation,
  log: string | undefined,
  options: DoctorOptions,
): Promise<void> {
  const { signal } = invocation;
  const { examination, remotes, published, own } =
    log === undefined ? await ownLog(options) : linkedLog(log, options);
  const examined = await Promise.all(
    remotes.map(({ place, context }) => examineRemote(place, { ...examination, context, signal })),
  );
  const newest = Math.max(published, ...examined.map(({ size = 0 }) => size));
  const results = examined.map((one) => judged(one, { newest, own }));
  const { logId } = examination;
  await invocation.out.write(
    options.json === true ? jsonText(logId, newest, results) : text(logId, newest, results),
  );
  const ill = results.filter(({ findings }) => findings.length > 0);
  if (ill.length === 0) return;
  const labels = ill.map(({ place }) => place.label).join(", ");
  throw new CommandError(
    "ERR_NEEDS_CARE",
    `${counted(ill.length, "remote")} of ${results.length} ${ill.length === 1 ? "needs" : "need"} care: ${labels}.`,
    exitCodes.needsCare,
  );
}

function linkedLog(log: string, { remote }: DoctorOptions): Patient {
  const { logId, remotes, floor } = parseLog(log, remote);
  return {
    examination: { logId, ...(floor && { floor }) },
    remotes: remotes.map((place) => ({ place, context: { logId } })),
    published: floor?.size ?? 0,
    own: false,
  };
}

async function ownLog({ dir, remote }: DoctorOptions): Promise<Patient> {
  const { config, context } = await readWriterFolder(dir);
  const { logId } = config;
  const given = remote.map(parseRemote);
  const further = given.filter(({ uri }) => config.remotes.every((own) => own.uri !== uri));
  const remotes = [
    ...config.remotes.map((place) => ({ place, context })),
    ...further.map((place) => ({ place, context: { logId } })),
  ];
  if (remotes.length === 0)
    throw usageError(`The log has no remote that could be examined: add one to ${dir}/config.json first.`);
  return { examination: { logId }, remotes, published: await publishedHere(dir), own: true };
}

// What the journal knows; nothing where a writer is at work, or a remote can't be opened, which shows by itself.
async function publishedHere(dir: string): Promise<number> {
  try {
    return await useWriterFolder(dir, undefined, async (writer) =>
      Math.max(0, ...writer.status().remotes.map(({ published }) => published)),
    );
  } catch (error) {
    if (["ERR_JOURNAL_LOCKED", "ERR_USAGE", "ERR_INVALID_INPUT"].includes(codeOf(error) ?? "")) return 0;
    throw error;
  }
}

interface Judged extends Examined {
  readonly state: "newest" | "behind" | "absent" | "unknown";
}

function judged(
  examined: Examined,
  { newest, own }: { readonly newest: number; readonly own: boolean },
): Judged {
  const { size, reached, absent, findings } = examined;
  if (!reached || (size === undefined && !absent)) return { ...examined, state: "unknown" };
  if (size === newest || (size === undefined && newest === 0 && own))
    return { ...examined, state: size === undefined ? "absent" : "newest" };
  const how = own
    ? "rlog publish publishes what is missing"
    : "its writer, or who mirrors it, has to publish it there";
  const lag: Finding =
    size === undefined
      ? { code: "absent", message: `Nothing stands there under the log's name: ${how}.` }
      : { code: "behind", message: `It shows ${size} of ${counted(newest, "entry", "entries")}: ${how}.` };
  return { ...examined, state: size === undefined ? "absent" : "behind", findings: [lag, ...findings] };
}

function jsonText(logId: string, size: number, results: readonly Judged[]): string {
  const remotes = results.map(({ place, reached, state, size: shown, findings, details }) => ({
    ...place,
    healthy: findings.length === 0,
    reached,
    state,
    ...(shown !== undefined && { size: shown }),
    findings,
    ...(details && { details }),
  }));
  const healthy = remotes.every((remote) => remote.healthy);
  return `${JSON.stringify({ logId, healthy, size, remotes })}\n`;
}

function text(logId: string, size: number, results: readonly Judged[]): string {
  const lines = [`log ${logId}`, `newest known state: ${counted(size, "entry", "entries")}`];
  for (const result of results) {
    const { place, facts, findings } = result;
    lines.push(`${findings.length === 0 ? "ok  " : "CARE"} ${place.label} (${place.uri})`);
    lines.push(`     ${standing(result)}`);
    for (const fact of facts) lines.push(`     ${fact}`);
    for (const { code, message } of findings) lines.push(`   ! ${message} [${code}]`);
  }
  return `${lines.map(terminalText).join("\n")}\n`;
}

function standing({ reached, state, size, findings }: Judged): string {
  if (!reached) return "could not be reached";
  if (state === "unknown") return "was reached, and shows no state that can be used";
  if (state === "absent")
    return `was reached; ${findings.length > 0 ? "nothing stands there" : "nothing is published there yet"}`;
  const entries = counted(size ?? 0, "entry", "entries");
  const shown =
    state === "newest" ? `shows the newest state, ${entries}` : `shows an older state, ${entries}`;
  const unread = findings.some(({ code }) => code.startsWith("ERR_"));
  const read = unread ? "" : "; the first and the newest entry were read";
  return `was reached, and ${shown}${size === 0 ? "" : read}`;
}
