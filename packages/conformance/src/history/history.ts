// Records when concurrent operations on one name ran, and what they gave.

import {
  isRemoteLogError,
  type NameResolver,
  type Resolution,
  type ResolveOptions,
  type Revision,
} from "@remote-log/core";

/** When an operation ran: two counts on one clock that every operation of a history shares. */
interface Span {
  /** When it was called. */
  readonly invoked: number;
  /** When it ended; `Infinity` if its outcome stayed unknown, as it may be carried out at any later time. */
  readonly responded: number;
}

/** An update in a history. */
export interface UpdateOperation extends Span {
  readonly kind: "update";
  /** The revision that it expected. */
  readonly expected: Revision | null;
  /** What it was to set, as text. No two updates of a history set the same. */
  readonly content: string;
  readonly outcome:
    | { readonly status: "updated"; readonly revision: Revision }
    | { readonly status: "refused" }
    | { readonly status: "unknown" };
}

/** A resolve in a history. One that failed tells nothing, and is left out. */
export interface ResolveOperation extends Span {
  readonly kind: "resolve";
  readonly outcome:
    | { readonly status: "found"; readonly content: string; readonly revision: Revision }
    | { readonly status: "absent" };
}

/** What concurrent callers did to one name, in any order. */
export type History = readonly (UpdateOperation | ResolveOperation)[];

/** Writes down what happens to one name, through any number of instances. */
export class Recorder {
  /** What has ended so far. */
  readonly history: (UpdateOperation | ResolveOperation)[] = [];
  readonly #name: string;
  #clock = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Updates the name. If the outcome is unknown (no answer came), it is recorded as such.
   *
   * @returns the new revision, if the update succeeded
   * @throws whatever the resolver rejects with that is neither a conflict nor a missing answer
   */
  async update(
    names: NameResolver,
    content: Uint8Array,
    expected: Revision | null,
  ): Promise<Revision | undefined> {
    const called = { kind: "update", expected, content: textOf(content), invoked: this.#clock++ } as const;
    try {
      const revision = await names.update(this.#name, content, { expected });
      this.history.push({ ...called, responded: this.#clock++, outcome: { status: "updated", revision } });
      return revision;
    } catch (error) {
      const code = isRemoteLogError(error) ? error.code : "";
      if (code === "ERR_NAME_CONFLICT") {
        this.history.push({ ...called, responded: this.#clock++, outcome: { status: "refused" } });
      } else if (code === "ERR_UNREACHABLE" || code === "ERR_TIMEOUT") {
        this.history.push({ ...called, responded: Number.POSITIVE_INFINITY, outcome: { status: "unknown" } });
      } else {
        throw error;
      }
      return undefined;
    }
  }

  /**
   * Resolves the name. If writes may show late, the resolver may know that all it sees is out of date: that
   * tells nothing.
   *
   * @returns the revision that it holds, `null` if it is absent; nothing if it told nothing
   */
  async resolve(
    names: NameResolver,
    options?: Omit<ResolveOptions, "known">,
  ): Promise<Revision | null | undefined> {
    const called = { kind: "resolve", invoked: this.#clock++ } as const;
    let found: Resolution;
    try {
      found = await names.resolve(this.#name, options);
    } catch (error) {
      const stale = isRemoteLogError(error) && error.code === "ERR_STALE";
      if (stale && !names.capabilities.readYourWrites) return undefined;
      throw error;
    }
    const responded = this.#clock++;
    if (found.status !== "found") {
      this.history.push({ ...called, responded, outcome: { status: "absent" } });
      return null;
    }
    const { content, revision } = found;
    this.history.push({
      ...called,
      responded,
      outcome: { status: "found", content: textOf(content), revision },
    });
    return revision;
  }
}

function textOf(content: Uint8Array): string {
  return Array.from(content, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
