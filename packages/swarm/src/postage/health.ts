import type { Batch } from "./batch.ts";

/** What a person should do something about, while there is time. */
export interface SwarmWarning {
  /**
   * - `"expires-soon"`: in less than {@link SOON_MILLISECONDS}; then the network drops what was stored with the batch.
   * - `"nearly-full"`: the fullest bucket is at {@link NEARLY_FULL} or above; when it is full, writes are refused.
   * - `"mutable"`: a full batch takes new chunks in the place of old ones, and says nothing.
   * - `"not-usable"`: the node can't stamp with it: it is too new, or of another node.
   */
  readonly code: "expires-soon" | "nearly-full" | "mutable" | "not-usable";
  /** What is the matter, and what to do about it. */
  readonly message: string;
}

/** How the postage batch is that pays for what is stored. */
export interface SwarmHealth {
  /** The batch, as 64 hexadecimal digits. */
  readonly stamp: string;
  /** Whether the node can stamp with it. */
  readonly usable: boolean;
  /** Whether it refuses new chunks when it is full. */
  readonly immutable: boolean;
  /** It has room for at most 2^depth chunks. */
  readonly depth: number;
  /** How long it is paid for at today's price, in milliseconds; `undefined` where the node does not know. */
  readonly remainingMilliseconds: number | undefined;
  /** When the log is lost unless the batch is topped up; `undefined` where the node does not know. */
  readonly lostOn: Date | undefined;
  /** How full its fullest bucket is, 0 to 1; `undefined` where the node does not know. */
  readonly utilization: number | undefined;
  /** What to do something about; none where all is well. */
  readonly warnings: readonly SwarmWarning[];
}

/** A batch that lasts no longer than this is warned of, in milliseconds: 14 days. */
export const SOON_MILLISECONDS: number = 14 * 24 * 60 * 60 * 1000;

/** A batch whose fullest bucket is as full as this is warned of. */
export const NEARLY_FULL = 0.8;

/** The last moment that a `Date` can tell. */
const LAST_MOMENT = 8.64e15;

/** Judges a batch. */
export function healthOf(
  batch: Batch,
  { place, now }: { readonly place: string; readonly now: number },
): SwarmHealth {
  const { id, state, immutable, depth, utilization, remainingMilliseconds } = batch;
  const lostOn = remainingMilliseconds === undefined ? undefined : dateAt(now + remainingMilliseconds);
  const warnings: SwarmWarning[] = [];
  if (state === "new") {
    warnings.push({ code: "not-usable", message: `The batch ${id} is not usable yet: ${TOO_NEW}.` });
  }
  if (state === "foreign") {
    warnings.push({ code: "not-usable", message: `The batch ${id} ${foreign(place)}.` });
  }
  if (remainingMilliseconds !== undefined && remainingMilliseconds < SOON_MILLISECONDS) {
    const days = (remainingMilliseconds / 86_400_000).toFixed(1);
    const message =
      `The batch ${id} is paid for ${days} more days, until ${lostOn?.toISOString()}: then the network drops what was ` +
      `stored with it. ${topUp(id)}`;
    warnings.push({ code: "expires-soon", message });
  }
  if (utilization !== undefined && utilization >= NEARLY_FULL) {
    const message = `The fullest bucket of the batch ${id} is ${Math.floor(utilization * 100)} % full. ${dilute(batch)}`;
    warnings.push({ code: "nearly-full", message });
  }
  if (!immutable) {
    const message = `The batch ${id} is mutable: ${MUTABLE} ${buy(depth)}`;
    warnings.push({ code: "mutable", message });
  }
  const usable = state === "usable";
  return { stamp: id, usable, immutable, depth, remainingMilliseconds, lostOn, utilization, warnings };
}

/** Why a mutable batch is no place for a log. */
export const MUTABLE =
  "when a bucket of it is full, new chunks take the place of old ones, and nothing says so.";

/** Why a batch is not usable yet. */
export const TOO_NEW =
  "it takes some minutes after it was bought, until enough blocks of the chain have passed";

/** What is wrong with the batch of another node. */
export function foreign(place: string): string {
  return `belongs to another node: only the node that bought it can stamp with it, and ${place} did not. Use that node, or buy one at this node`;
}

/** How to buy a batch. */
export function buy(depth = 20): string {
  return (
    `Buy an immutable one: \`swarm-cli stamp buy --depth ${depth} --amount <amount> --immutable\`, or ` +
    `POST /stamps/<amount>/${depth} with the header \`immutable: true\`.`
  );
}

/** How to have a batch last longer. */
function topUp(id: string): string {
  return (
    `Top it up: \`swarm-cli stamp topup --stamp ${id} --amount <amount>\`, or PATCH /stamps/topup/${id}/<amount> at ` +
    "its node."
  );
}

/** How to have a batch take more chunks. */
export function dilute({ id, depth }: Pick<Batch, "id" | "depth">): string {
  return (
    `Dilute it: \`swarm-cli stamp dilute --stamp ${id} --depth ${depth + 1}\`, or PATCH /stamps/dilute/${id}/${depth + 1} ` +
    "at its node. It then has twice the room, and lasts half as long: top it up as well."
  );
}

function dateAt(moment: number): Date {
  return new Date(Math.min(moment, LAST_MOMENT));
}
