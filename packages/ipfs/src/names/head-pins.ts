// Which heads a name still needs: pure bookkeeping.

import { Address } from "@remote-log/core";

/**
 * Which heads are pinned for which name. A name needs the head that it points at and the one before, for readers whom the
 * newest record has not reached yet. Earlier heads may be released.
 */
export class HeadPins {
  // By name, as texts, in the order in which they were stored.
  readonly #held = new Map<string, readonly string[]>();
  readonly #sending: string[] = [];

  /** A head is about to be stored. */
  begin(name: string, head: Address): void {
    this.#sending.push(`${head}`);
    this.#hold(name, head);
  }

  /** Storing and publishing a head is over, whether it succeeded or not. */
  end(head: Address): void {
    this.#sending.splice(this.#sending.indexOf(`${head}`), 1);
  }

  /**
   * A name points at a new head.
   *
   * @param previous - the head that it pointed at before
   * @returns the heads that no name needs any more
   */
  accept(name: string, head: Address, previous: Address | undefined): Address[] {
    this.#hold(name, head);
    if (previous !== undefined) this.#hold(name, previous);
    const held = this.#held.get(name) ?? [];
    const needed = new Set([`${head}`, `${previous}`, ...this.#sending]);
    this.#held.set(
      name,
      held.filter((one) => needed.has(one)),
    );
    // The same content can be the head of two names.
    const stays = new Set([...this.#held.values()].flat());
    return held.filter((one) => !stays.has(one)).map((one) => Address.fromString(one));
  }

  #hold(name: string, head: Address): void {
    const held = this.#held.get(name) ?? [];
    if (!held.includes(`${head}`)) this.#held.set(name, [...held, `${head}`]);
  }
}
