// Which requests meet which fault.

import type { S3Fault } from "./fault.ts";
import type { S3Operation } from "./request.ts";

/** The request that a fault may befall. */
export interface FaultTarget {
  readonly operation: S3Operation;
  /** Empty if the request names none. */
  readonly bucket: string;
  /** Empty if the request names none. */
  readonly key: string;
  /** Whether it is a put or a delete with a condition. */
  readonly conditional: boolean;
}

/** Whom a fault befalls, and how often. Default: every request, until the fault is removed. */
export interface FaultScope {
  readonly operation?: S3Operation | readonly S3Operation[];
  readonly when?: (target: FaultTarget) => boolean;
  /** Only the next `times` requests that it applies to. */
  readonly times?: number;
  /** Only for this many milliseconds from now. */
  readonly forMs?: number;
}

/** A fault that was added. */
export interface AddedFault {
  /** How many requests it has befallen. */
  readonly hits: number;
  /** Ends it. Safe to call twice. */
  remove(): void;
}

/** The faults of a running server. If two of one kind fit a request, the one that was added first applies. */
export interface S3Faults {
  add(fault: S3Fault, scope?: FaultScope): AddedFault;
  /** Removes all of them. */
  clear(): void;
}

interface Entry {
  readonly fault: S3Fault;
  readonly scope: FaultScope;
  readonly until: number;
  hits: number;
}

/** The faults as the server sees them. */
export class FaultList implements S3Faults {
  readonly #entries = new Set<Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(fault: S3Fault, scope: FaultScope = {}): AddedFault {
    const until = scope.forMs === undefined ? Number.POSITIVE_INFINITY : this.#now() + scope.forMs;
    const entry: Entry = { fault, scope, until, hits: 0 };
    this.#entries.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => void this.#entries.delete(entry),
    };
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Takes the fault of a kind that befalls a request, and counts it. */
  take<Kind extends S3Fault["kind"]>(
    kind: Kind,
    target: FaultTarget,
  ): Extract<S3Fault, { readonly kind: Kind }> | undefined {
    for (const entry of this.#entries) {
      if (!isOfKind(entry.fault, kind) || !this.#befalls(entry, target)) continue;
      entry.hits++;
      return entry.fault;
    }
    return undefined;
  }

  #befalls({ fault, scope, until, hits }: Entry, target: FaultTarget): boolean {
    if (hits >= (scope.times ?? Number.POSITIVE_INFINITY) || this.#now() >= until) return false;
    if (fault.kind === "error" && fault.conditionalWritesOnly === true && !target.conditional) return false;
    if (scope.operation !== undefined && ![scope.operation].flat().includes(target.operation)) return false;
    return scope.when?.(target) ?? true;
  }
}

function isOfKind<Kind extends S3Fault["kind"]>(
  fault: S3Fault,
  kind: Kind,
): fault is Extract<S3Fault, { readonly kind: Kind }> {
  return fault.kind === kind;
}
