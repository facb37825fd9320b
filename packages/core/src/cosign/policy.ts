// Whether enough mirrors and witnesses have cosigned a checkpoint: C2SP tlog-policy.

import { parseCheckpoint, parseSignedNote, type SignedNote, verifySignedNote } from "../checkpoint/index.ts";
import { hasCode } from "../errors/index.ts";
import { COSIGNATURE_V1, cosignedAt } from "./cosignature.ts";
import { ED25519 } from "./key-text.ts";
import { type PolicyContent, type PolicyWitness, readPolicy } from "./policy-text.ts";

/** What a policy says of one state of a log. */
export interface PolicyVerdict {
  /** Whether the policy holds for it: an accepted log signed it, and enough others cosigned it. */
  readonly holds: boolean;
  /** Number of entries. */
  readonly size: number;
  /** Whether one of the policy's logs signed it, or the policy names none. */
  readonly log: boolean;
  /** Whether the quorum holds. */
  readonly quorum: boolean;
  /** Everybody whom the policy names, in its order, and whether they cosigned this state. */
  readonly witnesses: readonly WitnessVerdict[];
}

/** Whether a witness or mirror has cosigned a state. */
export interface WitnessVerdict {
  /** What the policy calls it. */
  readonly name: string;
  /** Name of its key. */
  readonly key: string;
  /** When it signed, by its own clock, in milliseconds since 1970; absent if it did not. */
  readonly cosignedAt?: number;
}

/** What a policy says of the states that remotes show. */
export interface PolicyReport {
  /** Of the newest state. */
  readonly newest: PolicyVerdict;
  /** Of the largest state for which it holds; absent if it holds for none that is shown. */
  readonly held?: PolicyVerdict;
}

/**
 * A policy: which logs are accepted, and who has to have cosigned a state. Mirrors and witnesses sign what they saw, so that a quorum of
 * them shows that a log does not tell others something else, and a quorum of mirrors that the log is kept.
 *
 * @example
 * ```ts
 * import type { Reader } from "@remote-log/core";
 * import { Policy } from "@remote-log/core/cosign";
 *
 * export async function isKept(reader: Reader, text: string): Promise<boolean> {
 *   await reader.sync();
 *   const { newest } = await new Policy(text).check(reader.checkpoints);
 *   return newest.holds;
 * }
 * ```
 */
export class Policy {
  readonly #content: PolicyContent;

  /**
   * @param text - as C2SP tlog-policy says; a mirror is a `witness` there
   * @throws MalformedError `ERR_MALFORMED`
   */
  constructor(text: string) {
    this.#content = readPolicy(text);
  }

  /** Name of the quorum: of a witness, or of a group; `"none"` if nobody has to cosign. */
  get quorum(): string {
    return this.#content.quorum;
  }

  /**
   * Judges the states that remotes show. Signature lines that several notes have for one state count together. A note with a line that
   * is not good, under a key of the policy, counts for nothing.
   *
   * @param notes - signed checkpoints that a reader has verified (`Reader.checkpoints`), the newest state first; of one log
   * @throws MalformedError `ERR_MALFORMED` if one of them is no checkpoint
   */
  async check(notes: readonly string[]): Promise<PolicyReport> {
    const states = new Map<string, SignedNote[]>();
    for (const note of notes) {
      const signed = parseSignedNote(note);
      states.set(signed.text, [...(states.get(signed.text) ?? []), signed]);
    }
    const verdicts: PolicyVerdict[] = [];
    for (const [text, same] of states) verdicts.push(await this.#judge(parseCheckpoint(text), same));
    const [newest] = verdicts;
    const held = verdicts
      .filter(({ holds }) => holds)
      .reduce<PolicyVerdict | undefined>((a, b) => (a === undefined || b.size > a.size ? b : a), undefined);
    return { newest: newest ?? nothing(this.#content), ...(held && { held }) };
  }

  async #judge(
    { origin, size }: { readonly origin: string; readonly size: number },
    notes: readonly SignedNote[],
  ): Promise<PolicyVerdict> {
    const { logs, witnesses, groups, quorum: asked } = this.#content;
    let log = logs.length === 0;
    const times = new Map<string, number>();
    for (const note of notes) {
      log ||= await this.#isOfLog(note, origin);
      const found = await timesIn(note, [...witnesses.values()]);
      for (const [name, at] of found) times.set(name, Math.max(at, times.get(name) ?? 0));
    }
    const has = (name: string): boolean => {
      const group = groups.get(name);
      return group === undefined ? times.has(name) : group.members.filter(has).length >= group.least;
    };
    const quorum = asked === "none" || has(asked);
    return {
      holds: log && quorum,
      size,
      log,
      quorum,
      witnesses: [...witnesses.values()].map((witness) => {
        const at = times.get(witness.name);
        return {
          name: witness.name,
          key: witness.key.name,
          ...(at !== undefined && { cosignedAt: at * 1000 }),
        };
      }),
    };
  }

  async #isOfLog(note: SignedNote, origin: string): Promise<boolean> {
    for (const { name, type, publicKey } of this.#content.logs) {
      if (type !== ED25519 || name !== origin) continue;
      try {
        await verifySignedNote(note, { name, publicKey });
        return true;
      } catch (error) {
        if (!hasCode(error, "ERR_INTEGRITY")) throw error;
      }
    }
    return false;
  }
}

/** Who cosigned a note, and when; nobody, if one of the lines is not good. */
async function timesIn(
  note: SignedNote,
  witnesses: readonly PolicyWitness[],
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for (const { name, key } of witnesses) {
    // Those of other algorithms can't be checked here, so they do not count.
    if (key.type !== COSIGNATURE_V1) continue;
    const at = await cosignedAt(note, key);
    if (at === "forged") return new Map();
    if (at !== undefined) times.set(name, at);
  }
  return times;
}

function nothing({ logs, witnesses, quorum: asked }: PolicyContent): PolicyVerdict {
  return {
    holds: false,
    size: 0,
    log: logs.length === 0,
    quorum: asked === "none",
    witnesses: [...witnesses.values()].map(({ name, key }) => ({ name, key: key.name })),
  };
}
