// The ways by which messages travel, side by side: the same devices, sessions and messages.

import type { Mode } from "@remote-log/mvds";
import type { PresenceModel } from "../network/presence.ts";
import { type CostModel, S3 } from "../services/cost-models.ts";
import { type BackOffName, PAYLOAD_BYTES } from "./coin.ts";
import { runLogSessions } from "./log-sessions.ts";
import type { Run } from "./run.ts";
import { runSessions } from "./sessions.ts";

/** A way. */
export type Way =
  | {
      readonly name: string;
      readonly by: "direct" | "mail server";
      readonly mode: Mode;
      readonly backOff: BackOffName;
      readonly announces?: boolean;
      readonly offline?: "runs";
    }
  | { readonly name: string; readonly by: "log"; readonly model: CostModel };

/** What is the same on all ways. */
export interface Setting {
  readonly seed: number;
  readonly trials: number;
  readonly devices: number;
  readonly messages: number;
  readonly presence: PresenceModel;
  readonly most: number;
  /** How often a device that is online reads logs, in milliseconds. Default: every minute. */
  readonly pollMilliseconds?: number | undefined;
}

/** No helper: devices send to each other whenever they are online. */
export const DIRECT: Way = { name: "direct", by: "direct", mode: "batch", backOff: "exponential" };
/** Store and forward. */
export const MAIL: Way = { name: "mail server", by: "mail server", mode: "batch", backOff: "exponential" };
/** A remote log for each device, on S3. */
export const LOG: Way = { name: "remote log", by: "log", model: S3 };

/** Runs a setting on a way. */
export function runWay(setting: Setting, way: Way): Promise<Run> {
  if (way.by === "log") return runLogSessions({ ...setting, model: way.model, payloadBytes: PAYLOAD_BYTES });
  const { mode, backOff, announces, offline } = way;
  return runSessions({ ...setting, mode, backOff, announces, offline, mailServer: way.by === "mail server" });
}
