// Devices that come online and go offline again.

import type { VirtualClock } from "../clock/virtual-clock.ts";
import { type PresenceModel, type Session, sessionsOf } from "./presence.ts";

/** Whatever comes and goes. */
export interface Attendee {
  readonly name: string;
  online: boolean;
}

/** What happens when somebody comes or goes. */
export interface Attendance<T extends Attendee> {
  /** Called with how often it has come before. */
  readonly comes: (device: T, session: Session, index: number) => unknown;
  readonly goes?: ((device: T) => void) | undefined;
}

/** Lets devices come and go from now on, each in sessions of its own. They begin offline. */
export function attend<T extends Attendee>(
  clock: VirtualClock,
  model: PresenceModel,
  devices: readonly T[],
  attendance: Attendance<T>,
): void {
  const common = sessionsOf(model, clock.stream("sessions of many"));
  const shared: Session[] = [];
  for (const device of devices) {
    device.online = false;
    const sessions = sessionsOf(model, clock.stream(`sessions of ${device.name}`), replay(common, shared));
    clock.schedule(() => comeAndGo(clock, device, sessions, attendance), 0);
  }
}

async function comeAndGo<T extends Attendee>(
  clock: VirtualClock,
  device: T,
  sessions: Iterable<Session>,
  { comes, goes }: Attendance<T>,
): Promise<void> {
  const start = clock.elapsed;
  let index = 0;
  for (const session of sessions) {
    const [begin, end] = [start + session.begin, start + session.end];
    if (begin > clock.elapsed) await clock.wait(begin - clock.elapsed);
    device.online = true;
    clock.trace.note(clock.elapsed, device.name, " comes");
    // What it begins may take longer than the session.
    clock.schedule(() => comes(device, { begin, end }, index++), 0);
    await clock.wait(end - clock.elapsed);
    device.online = false;
    clock.trace.note(clock.elapsed, device.name, " goes");
    goes?.(device);
  }
}

/** Sessions that several devices go through, each from the beginning. */
function* replay<T>(source: Iterator<T, never, undefined>, seen: T[]): Generator<T, never, undefined> {
  for (let i = 0; ; i++) {
    if (i === seen.length) seen.push(source.next().value);
    yield seen[i]!;
  }
}
