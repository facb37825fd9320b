import {
  type Floor,
  isRemoteLogError,
  openReader,
  type Reader,
  type Remote,
  RemovedError,
} from "@remote-log/core";
import { withDeadline } from "@remote-log/core/adapter";
import { codeOf, printable } from "./failure.ts";
import type { Finding, RemoteContext } from "./remote-kind.ts";
import { adviceOn, checkUp, closeRemotes, openRemotes, type RemotePlace } from "./remotes.ts";

/** How long one request may take, and how long a service may take to tell of itself, in milliseconds. */
const PATIENCE = 30_000;

/** Which log is looked for, and how its remotes are opened. */
export interface Examination {
  readonly logId: string;
  /** The least state that may be shown; from a link. */
  readonly floor?: Floor;
  readonly context: RemoteContext;
  readonly signal: AbortSignal;
}

/** What was found at one remote. */
export interface Examined {
  readonly place: RemotePlace;
  /** Whether the name was answered for: with a state, or that there is none. */
  readonly reached: boolean;
  /** Whether nothing stands under the name. */
  readonly absent: boolean;
  /** Entries of the state that the name shows, verified; `undefined` where it shows none. */
  readonly size: number | undefined;
  /** What the service tells, for people. */
  readonly facts: readonly string[];
  /** What needs care. */
  readonly findings: readonly Finding[];
  /** What the service tells, for programs. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Examines one remote by itself: asks for the newest state, reads the first and the newest entry of it, and asks the
 * service how it is. What fails is told, not thrown. Writes nothing.
 */
export async function examineRemote(place: RemotePlace, examination: Examination): Promise<Examined> {
  const { context, signal } = examination;
  let opened: Remote[] = [];
  try {
    opened = await openRemotes([place], context);
    const [remote] = opened as [Remote];
    const [read, told] = await Promise.all([
      readFrom(place, remote, examination),
      askService(place, remote, signal),
    ]);
    // The service is silent for the same reason as the name, as a rule: it is told once.
    const codes = new Set(read.findings.map(({ code }) => code));
    const further = told.findings.filter(({ code }) => !(code.startsWith("ERR_") && codes.has(code)));
    return { place, ...read, ...told, findings: [...read.findings, ...further] };
  } catch (error) {
    signal.throwIfAborted();
    const findings = [findingOf(place, error)];
    return { place, reached: false, absent: false, size: undefined, facts: [], findings, details: undefined };
  } finally {
    await closeRemotes(opened);
  }
}

type Read = Pick<Examined, "reached" | "absent" | "size" | "findings">;

async function readFrom(
  place: RemotePlace,
  remote: Remote,
  { logId, floor, signal }: Examination,
): Promise<Read> {
  const limits = { requestMilliseconds: PATIENCE };
  const reader = await openReader({ logId, remotes: [remote], limits, ...(floor && { floor }) });
  try {
    try {
      await reader.sync({ signal });
    } catch (error) {
      signal.throwIfAborted();
      // Nothing under the name is no failure yet: it may be that nothing was published.
      if (isRemoteLogError(error) && error.code === "ERR_NOT_FOUND" && error.operation === "reader.sync")
        return { reached: true, absent: true, size: undefined, findings: [] };
      const findings = [findingOf(place, error)];
      return { reached: !isSilence(error), absent: false, size: undefined, findings };
    }
    const lost = await unreadable(place, reader, signal);
    return { reached: true, absent: false, size: reader.size, findings: lost === undefined ? [] : [lost] };
  } finally {
    await reader.close();
  }
}

// What was stored first is lost first where a service drops what is not paid for, or not used.
async function unreadable(
  place: RemotePlace,
  reader: Reader,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  for (const sequence of reader.size === 0 ? [] : new Set([0, reader.size - 1])) {
    try {
      await reader.entry(sequence, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RemovedError) continue;
      const { code, message } = findingOf(place, error);
      return { code, message: `Entry ${sequence} can't be read: ${message}` };
    }
  }
  return undefined;
}

async function askService(
  place: RemotePlace,
  remote: Remote,
  signal: AbortSignal,
): Promise<Pick<Examined, "facts" | "findings" | "details">> {
  const backend = place.label;
  try {
    const options = { milliseconds: PATIENCE, operation: "doctor.checkup", backend, signal };
    const told = await withDeadline(options, (inner) => checkUp(place, remote, { signal: inner }));
    return { facts: told?.facts ?? [], findings: told?.findings ?? [], details: told?.details };
  } catch (error) {
    signal.throwIfAborted();
    return { facts: [], findings: [findingOf(place, error)], details: undefined };
  }
}

function findingOf(place: RemotePlace, error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: codeOf(error) ?? "ERR_UNKNOWN",
    message: [message, ...adviceOn([place], error)].map(printable).join(" "),
  };
}

function isSilence(error: unknown): boolean {
  return isRemoteLogError(error) && ["ERR_UNREACHABLE", "ERR_TIMEOUT"].includes(error.code);
}
