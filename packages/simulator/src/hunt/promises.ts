// What the devices of a schedule were promised, held against everything that is sent and read.

import { Violation } from "./violation.ts";

/** The first lines of a checkpoint, as they stand in heads: log, perhaps `/manifest`, size, root. */
const CHECKPOINT = /remote-log\/v1\/[0-9a-f]{64}(\/manifest)?\n(\d+)\n([A-Za-z0-9+/]{43}=)\n/g;

const decoder = new TextDecoder("latin1");

/** What became of a content that some device appended. */
interface Content {
  /** The number that its append was acknowledged with; undefined if it was not acknowledged. */
  sequence: number | undefined;
  /** Whether it may be lost without anybody's fault: its device was put back to before it. */
  mayBeLost: boolean;
  removal: "none" | "begun" | "done";
}

/** Everything that is known of a log from outside. */
export class Promises {
  /** The largest state that was sent to a place to be its head. */
  signedSize = 0;
  /** Whether two devices wrote the log, or one was put back: then numbers may change, and two states may have been signed. */
  isShared = false;
  readonly #contents = new Map<string, Content>();
  readonly #roots = new Map<string, string>();
  /** What somebody read under each number. */
  readonly #read = new Map<number, string>();

  /** A device is about to append a content. */
  submit(content: string): void {
    this.#contents.set(content, { sequence: undefined, mayBeLost: false, removal: "none" });
  }

  /** An append was acknowledged. */
  acknowledge(content: string, sequence: number): void {
    for (const [other, { sequence: taken, mayBeLost }] of this.#contents) {
      if (taken === sequence && !mayBeLost && !this.isShared)
        throw new Violation("number-given-twice", `${sequence} was given to "${other}" and to "${content}".`);
    }
    this.#contents.get(content)!.sequence = sequence;
  }

  /** A device was put back to when it had a number of entries: what it had since, and published nowhere, is gone. */
  putBack(size: number): void {
    this.isShared = true;
    for (const content of this.#contents.values()) {
      if (content.sequence === undefined || content.sequence >= size) content.mayBeLost = true;
    }
  }

  /** A device may not continue its log: what it alone has is not part of it. */
  giveUp(device: string): void {
    for (const [text, content] of this.#contents) if (text.startsWith(`${device} `)) content.mayBeLost = true;
  }

  /** A removal is about to begin. */
  beginRemoval(contents: Iterable<string>): void {
    for (const text of contents) {
      const content = this.#contents.get(text);
      if (content !== undefined && content.removal === "none") content.removal = "begun";
    }
  }

  /** A removal was acknowledged. */
  endRemoval(contents: Iterable<string>): void {
    for (const text of contents) {
      const content = this.#contents.get(text);
      if (content !== undefined) content.removal = "done";
    }
  }

  /** A process sends something: if it is a head, its states count as signed. */
  sent(bytes: Uint8Array): void {
    for (const [, manifest = "", size, root] of decoder.decode(bytes).matchAll(CHECKPOINT)) {
      const key = `${manifest} ${size}`;
      const known = this.#roots.get(key) ?? root!;
      if (known !== root && !this.isShared)
        throw new Violation("two-roots-signed", `Two roots were signed for${manifest} ${size}.`);
      this.#roots.set(key, known);
      if (manifest === "") this.signedSize = Math.max(this.signedSize, Number(size));
    }
  }

  /** Somebody read an entry. */
  read(sequence: number, content: string, reader: string): void {
    const known = this.#contents.get(content);
    if (known === undefined)
      throw new Violation("content-never-appended", `${reader} read "${content}" as entry ${sequence}.`);
    if (!this.isShared && known.sequence !== undefined && known.sequence !== sequence)
      throw new Violation("wrong-number", `${reader} read entry ${known.sequence} as entry ${sequence}.`);
    const before = this.#read.get(sequence) ?? content;
    if (before !== content)
      throw new Violation("two-histories-read", `Entry ${sequence} was "${before}", and now "${content}".`);
    this.#read.set(sequence, content);
  }

  /** Somebody did not get an entry, because it was removed. */
  missed(sequence: number, reader: string): void {
    for (const content of this.#contents.values()) {
      if (content.sequence === sequence && content.removal === "none" && !this.isShared)
        throw new Violation("kept-entry-missing", `${reader} was told that entry ${sequence} was removed.`);
    }
  }

  /** The contents of a finished log: nothing that was acknowledged is missing, nothing is there twice. */
  checkWhole(contents: readonly string[], where: string): void {
    const found = new Set(contents);
    if (found.size !== contents.length)
      throw new Violation("entry-twice", `${where} has an entry twice: ${contents.join(", ")}`);
    for (const [text, { sequence, mayBeLost, removal }] of this.#contents) {
      if (sequence === undefined || mayBeLost || removal !== "none" || found.has(text)) continue;
      throw new Violation(
        "acknowledged-entry-lost",
        `${where} lacks "${text}", acknowledged as ${sequence}.`,
      );
    }
    for (const text of found) {
      if (this.#contents.get(text)?.removal === "done" && !this.isShared)
        throw new Violation("removed-entry-there", `${where} still has "${text}", which was removed.`);
    }
  }

  /** The contents whose removal was acknowledged. */
  removedContents(): string[] {
    return [...this.#contents].filter(([, { removal }]) => removal === "done").map(([text]) => text);
  }

  /** A line for the trace. */
  summary(): string {
    return `${[...this.#contents].map(([text, { sequence, removal }]) => `${text}@${sequence}/${removal}`).join(",")} ${[...this.#roots].join()}`;
  }
}
