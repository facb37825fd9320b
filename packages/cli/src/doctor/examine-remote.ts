// What `rlog doctor` does with one remote: read from it, and ask its service.

import {
  type Floor,
  isRemoteLogError,
  openReader,
  type Reader,
  type Remote,
  RemovedError,
} from "@remote-log/core";
import { withDeadline } from "@remote-log/core/adapter";
import { codeOf } from "../errors/command-error.ts";
import { adviceOn, checkUp, closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import type { Finding, RemoteContext } from "../remotes/remote-kind.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { causeOf } from "../terminal/describe-error.ts";
import { printable } from "../terminal/terminal-text.ts";
import { compareClock } from "./compare-clock.ts";

/** The deadline of one request, and of the checkup of a service, in milliseconds. */
const DEADLINE = 30_000;

/** Which log to look for, and how to open its remotes. */
export interface Examination {
  readonly logId: string;
  /** The oldest state that the remote may show; from a link. */
  readonly floor?: Floor;
  /** Whether every entry is read, not only the first and the newest. Default: false. */
  readonly whole?: boolean;
  readonly context: RemoteContext;
  readonly signal: AbortSignal;
}

/** What was found at one remote. */
export interface Examined {
  readonly place: RemotePlace;
  /** Whether the remote answered for the name: with a state, or that there is none. */
  readonly reached: boolean;
  /** Whether there is nothing under the name. */
  readonly absent: boolean;
  /** The number of entries of the verified state that the name shows; `undefined` if it shows none. */
  readonly size: number | undefined;
  /** How often the owner of the log replaced its signing key, by what the remote shows; `undefined` if it shows nothing. */
  readonly keyReplaced: number | undefined;
  /** What the service reports, for people. */
  readonly facts: readonly string[];
  /** What needs care. */
  readonly findings: readonly Finding[];
  /** What the service reports, for programs. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Examines one remote by itself: asks for the newest state, reads its first and its newest entry, and asks the service
 * how it is. Reports failures as findings, does not throw them. Writes nothing.
 */
export async function examineRemote(place: RemotePlace, examination: Examination): Promise<Examined> {
  const { context, signal } = examination;
  let opened: Remote[] = [];
  try {
    opened = await openRemotes([place], context);
    const [remote] = opened as [Remote];
    const [read, told, clock] = await Promise.all([
      readFrom(place, remote, examination),
      askService(place, remote, signal),
      compareClock(place, signal),
    ]);
    // The service usually fails for the same reason as the name: report it once.
    const codes = new Set(read.findings.map(({ code }) => code));
    const further = told.findings.filter(({ code }) => !(code.startsWith("ERR_") && codes.has(code)));
    return {
      place,
      ...read,
      ...told,
      findings: [...(clock === undefined ? [] : [clock]), ...read.findings, ...further],
    };
  } catch (error) {
    signal.throwIfAborted();
    const findings = [findingOf(place, error)];
    return { place, ...nothing, reached: false, absent: false, facts: [], findings, details: undefined };
  } finally {
    await closeRemotes(opened);
  }
}

type Read = Pick<Examined, "reached" | "absent" | "size" | "keyReplaced" | "findings">;

const nothing = { size: undefined, keyReplaced: undefined };

async function readFrom(
  place: RemotePlace,
  remote: Remote,
  { logId, floor, whole = false, signal }: Examination,
): Promise<Read> {
  const limits = { requestMilliseconds: DEADLINE };
  const reader = await openReader({
    logId,
    remotes: [remote],
    limits,
    // It looks whether contents are there, not at what they say.
    withoutKey: "sealed",
    ...(floor && { floor }),
  });
  try {
    try {
      await reader.sync({ signal });
    } catch (error) {
      signal.throwIfAborted();
      // Nothing under the name is not a failure yet: perhaps nothing was published.
      if (isRemoteLogError(error) && error.code === "ERR_NOT_FOUND" && error.operation === "reader.sync")
        return { ...nothing, reached: true, absent: true, findings: [] };
      const findings = [findingOf(place, error)];
      return { ...nothing, reached: !isUnreached(error), absent: false, findings };
    }
    const lost = await (whole ? unreadableEntry : unreadableEnd)(place, reader, signal);
    const keyReplaced = reader.manifest?.successions.length ?? 0;
    const findings = lost === undefined ? [] : [lost];
    return { reached: true, absent: false, size: reader.size, keyReplaced, findings };
  } finally {
    await reader.close();
  }
}

// A service that drops what is unpaid or unused drops what was stored first.
async function unreadableEnd(
  place: RemotePlace,
  reader: Reader,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  for (const sequence of reader.size === 0 ? [] : new Set([0, reader.size - 1])) {
    try {
      await reader.entry(sequence, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RemovedError)) return unreadable(place, sequence, error);
    }
  }
  return undefined;
}

// One by one, each page would be read as often as it has entries.
async function unreadableEntry(
  place: RemotePlace,
  reader: Reader,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const { size } = reader;
  let next = 0;
  try {
    for await (const { sequence } of reader.from(0, { removed: "skip", signal })) next = sequence + 1;
  } catch (error) {
    signal.throwIfAborted();
    // If all of it was read, only the name could not be asked again.
    if (next < size) return unreadable(place, next, error);
  }
  return undefined;
}

function unreadable(place: RemotePlace, sequence: number, error: unknown): Finding {
  const { code, message } = findingOf(place, error);
  return { code, message: `Entry ${sequence} can't be read: ${message}` };
}

async function askService(
  place: RemotePlace,
  remote: Remote,
  signal: AbortSignal,
): Promise<Pick<Examined, "facts" | "findings" | "details">> {
  const backend = place.label;
  try {
    const options = { milliseconds: DEADLINE, operation: "doctor.checkup", backend, signal };
    const told = await withDeadline(options, (inner) => checkUp(place, remote, { signal: inner }));
    return { facts: told?.facts ?? [], findings: told?.findings ?? [], details: told?.details };
  } catch (error) {
    signal.throwIfAborted();
    return { facts: [], findings: [findingOf(place, error)], details: undefined };
  }
}

function findingOf(place: RemotePlace, error: unknown): Finding {
  const text = error instanceof Error ? error.message : String(error);
  const tries =
    isRemoteLogError(error) && error.tries !== undefined ? [`It was tried ${error.tries} times.`] : [];
  const cause = causeOf(error);
  const further = cause === undefined ? [] : [`The cause: ${cause}`];
  return {
    code: codeOf(error) ?? "ERR_UNKNOWN",
    message: [text, ...tries, ...adviceOn([place], error), ...further].map(printable).join(" "),
  };
}

function isUnreached(error: unknown): boolean {
  return isRemoteLogError(error) && ["ERR_UNREACHABLE", "ERR_TIMEOUT"].includes(error.code);
}
