// What the notebook says: changes of notes, and the notes that follow from them. No browser is needed for it.

/** What is written in the group: a note's text as it is from now on. */
export interface Change {
  /** A name that no other change has: the same change that arrives twice counts once. */
  readonly change: string;
  /** The note that it changes, or begins. */
  readonly note: string;
  /** Its text; `null` removes the note. */
  readonly text: string | null;
}

/** A change at its place in the order of the group. */
export interface Written {
  readonly id: string;
  readonly author: string;
  readonly time: number;
  readonly value: Change;
}

/** A note as it is shown. */
export interface Note {
  readonly id: string;
  readonly text: string;
  /** The device that began it, and when. */
  readonly author: string;
  readonly time: number;
  /** When it was changed last; absent if it never was. */
  readonly changed?: number;
  /** The newest change of it. */
  readonly change: string;
}

/** The longest text of a note, in characters. */
export const LONGEST_TEXT = 20_000;

/** Checks what another device wrote. */
export function checkChange(json: unknown): Change {
  const { change, note, text } = (json ?? {}) as Partial<Record<keyof Change, unknown>>;
  const isName = (name: unknown): name is string => typeof name === "string" && /^[\w-]{1,64}$/.test(name);
  if (!isName(change) || !isName(note)) throw new TypeError("A change names itself and its note.");
  if (text !== null && !(typeof text === "string" && text.length <= LONGEST_TEXT))
    throw new TypeError("The text of a note is a text, or null.");
  return { change, note, text };
}

/** Changes in the order of the group, as `Group.messages` delivers them. */
export class History {
  readonly #written: Written[] = [];

  /** All of them, in order. */
  get written(): readonly Written[] {
    return this.#written;
  }

  /** Takes one; `before` is the id of the one in front of which it belongs. */
  take(written: Written, before?: string): void {
    const at = before === undefined ? -1 : this.#written.findIndex(({ id }) => id === before);
    this.#written.splice(at < 0 ? this.#written.length : at, 0, written);
  }

  /** Forgets those whose author had been removed before it wrote them. */
  withdraw(ids: readonly string[]): void {
    const kept = this.#written.filter(({ id }) => !ids.includes(id));
    this.#written.splice(0, Number.POSITIVE_INFINITY, ...kept);
  }
}

/** The notes, oldest first. The last change of a note counts: all devices have the same order, so all agree on which that is. */
export function notesOf(written: readonly Written[]): readonly Note[] {
  const notes = new Map<string, Note | null>();
  const seen = new Set<string>();
  for (const { author, time, value } of written) {
    const { change, note: id, text } = value;
    if (seen.has(change)) continue;
    seen.add(change);
    const known = notes.get(id);
    if (text === null) notes.set(id, null);
    else if (known === undefined) notes.set(id, { id, text, author, time, change });
    else if (known !== null) notes.set(id, { ...known, text, changed: time, change });
  }
  return [...notes.values()].filter((note) => note !== null);
}
