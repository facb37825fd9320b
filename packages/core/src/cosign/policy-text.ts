// Reads policies: C2SP tlog-policy.

import { bytesEqual } from "../bytes.ts";
import { MalformedError } from "../errors/index.ts";
import { COSIGNATURE_V1 } from "./cosignature.ts";
import { ED25519, parseVerifierKey, type VerifierKey } from "./key-text.ts";

/** Somebody who cosigns: a witness, or a mirror. */
export interface PolicyWitness {
  /** What the policy calls it. */
  readonly name: string;
  readonly key: VerifierKey;
  readonly url?: string;
}

/** A group of witnesses, or of groups. */
interface PolicyGroup {
  readonly name: string;
  /** How many of its members have to have cosigned. */
  readonly least: number;
  readonly members: readonly string[];
}

/** What a policy says. */
export interface PolicyContent {
  /** The keys of the logs that are accepted; empty if the log is known otherwise. */
  readonly logs: readonly VerifierKey[];
  readonly witnesses: ReadonlyMap<string, PolicyWitness>;
  readonly groups: ReadonlyMap<string, PolicyGroup>;
  /** A witness, a group, or `"none"`. */
  readonly quorum: string;
}

/** The longest text of a policy, in characters. */
const LONGEST = 65_536;
/** The most logs, witnesses and groups of a policy, each. */
const MOST = 256;
const NONE = "none";

/**
 * Reads the text of a policy (C2SP tlog-policy): lines `log`, `witness`, `group`, and one `quorum`. A mirror that cosigns is a
 * `witness` there.
 *
 * @throws MalformedError `ERR_MALFORMED` with the number of the line
 */
export function readPolicy(text: string): PolicyContent {
  if (text.length > LONGEST)
    throw new MalformedError(`A policy has more than ${LONGEST} characters.`, operation);
  return new PolicyLines().read(text);
}

const operation = { operation: "policy.parse" };

class PolicyLines {
  readonly #logs: VerifierKey[] = [];
  readonly #witnesses = new Map<string, PolicyWitness>();
  readonly #groups = new Map<string, PolicyGroup>();
  /** Each may be a member once, so that every witness counts in one way. */
  readonly #used = new Set<string>();
  #quorum: string | undefined;
  #line = 0;

  read(text: string): PolicyContent {
    for (const line of text.split("\n")) {
      this.#line++;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a policy must not have.
      if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) throw this.#refused("has a control character");
      const words = line.split(/[ \t]+/).filter((word) => word !== "");
      if (words.length === 0 || words[0]!.startsWith("#")) continue;
      this.#take(words[0]!, words.slice(1));
    }
    if (this.#quorum === undefined) throw new MalformedError("A policy has no quorum line.", operation);
    return {
      logs: this.#logs,
      witnesses: this.#witnesses,
      groups: this.#groups,
      quorum: this.#quorum,
    };
  }

  #take(kind: string, words: readonly string[]): void {
    switch (kind) {
      case "log":
        this.#takeLog(words);
        break;
      case "witness":
        this.#takeWitness(words);
        break;
      case "group":
        this.#takeGroup(words);
        break;
      case "quorum":
        this.#takeQuorum(words);
        break;
      default:
        throw this.#refused("begins with none of log, witness, group and quorum");
    }
  }

  #takeLog(words: readonly string[]): void {
    if (words.length < 1 || words.length > 2) throw this.#refused("is not: log <key> [<url>]");
    const key = this.#key(words[0]!);
    // A log that signs with another algorithm is none of ours, and no fault of the policy.
    if (key.type === COSIGNATURE_V1) throw this.#refused("has the key of a cosigner in the place of a log's");
    this.#unlike(key, this.#logs);
    this.#logs.push(key);
    this.#count(this.#logs.length);
  }

  #takeWitness(words: readonly string[]): void {
    if (words.length < 2 || words.length > 3) throw this.#refused("is not: witness <name> <key> [<url>]");
    const [name, text, url] = words;
    this.#free(name!);
    const key = this.#key(text!);
    if (key.type === ED25519) throw this.#refused("has the key of a log in the place of a cosigner's");
    this.#unlike(
      key,
      [...this.#witnesses.values()].map((witness) => witness.key),
    );
    this.#witnesses.set(name!, { name: name!, key, ...(url !== undefined && { url }) });
    this.#count(this.#witnesses.size);
  }

  #takeGroup([name, rule, ...members]: readonly string[]): void {
    if (name === undefined || rule === undefined || members.length === 0)
      throw this.#refused("is not: group <name> all|any|<number> <name>...");
    this.#free(name);
    for (const member of members) {
      if (!this.#isDefined(member)) throw this.#refused(`names ${member}, which no line before it defines`);
      if (this.#used.has(member))
        throw this.#refused(`names ${member}, which is a member of a group already`);
      this.#used.add(member);
    }
    this.#groups.set(name, { name, least: this.#leastOf(rule, members.length), members });
    this.#count(this.#groups.size);
  }

  #leastOf(rule: string, members: number): number {
    if (rule === "all") return members;
    if (rule === "any") return 1;
    const least = /^[1-9][0-9]{0,5}$/.test(rule) ? Number(rule) : 0;
    if (least >= 1 && least <= members) return least;
    throw this.#refused(
      `asks for ${rule} of ${members} members: that is neither all, any nor a number from 1 to ${members}`,
    );
  }

  #takeQuorum(words: readonly string[]): void {
    const [name] = words;
    if (name === undefined || words.length > 1) throw this.#refused("is not: quorum <name>");
    if (this.#quorum !== undefined) throw this.#refused("is a second quorum");
    if (name !== NONE && !this.#isDefined(name))
      throw this.#refused(`names ${name}, which no line before it defines`);
    this.#quorum = name;
  }

  #isDefined(name: string): boolean {
    return this.#witnesses.has(name) || this.#groups.has(name);
  }

  #free(name: string): void {
    if (name === NONE || this.#isDefined(name))
      throw this.#refused(`defines ${name}, which has a meaning already`);
  }

  #unlike(key: VerifierKey, others: readonly VerifierKey[]): void {
    if (others.some(({ publicKey }) => bytesEqual(publicKey, key.publicKey)))
      throw this.#refused("has a key that another line has");
  }

  #count(number: number): void {
    if (number > MOST) throw this.#refused(`is more than the ${MOST}th of its kind`);
  }

  #key(text: string): VerifierKey {
    try {
      return parseVerifierKey(text);
    } catch (cause) {
      throw this.#refused("has no verifier key where one belongs", cause);
    }
  }

  #refused(why: string, cause?: unknown): MalformedError {
    return new MalformedError(`A policy can't be read: line ${this.#line} ${why}.`, { ...operation, cause });
  }
}
