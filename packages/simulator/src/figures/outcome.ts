// What a run has cost, and when its messages arrived.

/** What bytes were sent for. */
export const KINDS = [
  "offer",
  "request",
  "message",
  "ack",
  "header",
  "page",
  "head",
  "read back",
  "read",
] as const;

/** What a byte was sent for. */
export type Kind = (typeof KINDS)[number];

/** Bytes by what they were sent for. */
export class Bytes {
  readonly #of = new Map<Kind, number>();

  add(kind: Kind, bytes: number): void {
    this.#of.set(kind, (this.#of.get(kind) ?? 0) + bytes);
  }

  reset(): void {
    this.#of.clear();
  }

  of(kind: Kind): number {
    return this.#of.get(kind) ?? 0;
  }

  get total(): number {
    return [...this.#of.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}

/** Messages and when they arrived. */
export class Deliveries {
  readonly #sent = new Map<string, number>();
  #latencies: number[] = [];

  /** Forgets all. */
  reset(): void {
    this.#sent.clear();
    this.#latencies = [];
  }

  /** A message was written, in milliseconds of the run. */
  sent(id: string, time: number): void {
    this.#sent.set(id, time);
  }

  /** A recipient has it. */
  arrived(id: string, time: number): void {
    const sent = this.#sent.get(id);
    if (sent === undefined) throw new Error(`A message arrived that nobody had sent: ${id}`);
    this.#latencies.push(time - sent);
  }

  get messages(): number {
    return this.#sent.size;
  }

  /** How often a message arrived. */
  get count(): number {
    return this.#latencies.length;
  }

  /** How long messages took, in milliseconds: shortest first. */
  get latencies(): readonly number[] {
    return this.#latencies.sort((a, b) => a - b);
  }
}

/** The value that a share of the sorted values does not exceed; `NaN` if there are none. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}
