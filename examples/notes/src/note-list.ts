// The notes in the page, newest first. What is being edited stays as it is while others come.

import type { ShownNote } from "./notebook.ts";

/** The list of notes. */
export class NoteList {
  readonly #list: HTMLElement;
  readonly #write: (note: string, text: string | null) => Promise<void>;
  readonly #items = new Map<string, HTMLElement>();
  #notes = new Map<string, ShownNote>();

  /** @param write - gives a note another text; `null` removes it */
  constructor(list: HTMLElement, write: (note: string, text: string | null) => Promise<void>) {
    this.#list = list;
    this.#write = write;
  }

  /** Shows these notes, given oldest first. */
  show(notes: readonly ShownNote[], names: Readonly<Record<string, string>>): void {
    this.#notes = new Map(notes.map((note) => [note.id, note]));
    for (const [id, item] of this.#items) {
      if (this.#notes.has(id)) continue;
      const next = item.nextElementSibling ?? item.previousElementSibling;
      const hadFocus = item.contains(document.activeElement);
      item.remove();
      this.#items.delete(id);
      if (hadFocus) focusOn(next);
    }
    let before: Element | null = null;
    for (const note of notes) {
      const item: HTMLElement = this.#items.get(note.id) ?? this.#newItem(note.id);
      fill(item, note, names);
      // Oldest first, so each goes in front of the one before it.
      if (item.nextElementSibling !== before || item.parentElement === null)
        this.#list.insertBefore(item, before);
      before = item;
    }
  }

  #newItem(id: string): HTMLElement {
    const template = document.getElementById("note") as HTMLTemplateElement;
    const item = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    const form = part<HTMLFormElement>(item, ".edit");
    const text = part<HTMLTextAreaElement>(item, "textarea");
    const edit = (isOn: boolean): void => {
      form.hidden = !isOn;
      for (const shown of [".text", ".about"]) part(item, shown).hidden = isOn;
      if (isOn) text.value = this.#notes.get(id)?.text ?? "";
      (isOn ? text : part(item, "[data-do=edit]")).focus();
    };
    part(item, "[data-do=edit]").addEventListener("click", () => edit(true));
    part(item, "[data-do=cancel]").addEventListener("click", () => edit(false));
    part(item, "[data-do=delete]").addEventListener("click", () => {
      this.#write(id, null).catch(() => undefined);
    });
    text.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") edit(false);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const written = text.value.trim();
      if (written === "") return;
      // If that fails, the text is still in the form.
      this.#write(id, written).then(
        () => edit(false),
        () => undefined,
      );
    });
    this.#items.set(id, item);
    return item;
  }
}

function fill(item: HTMLElement, note: ShownNote, names: Readonly<Record<string, string>>): void {
  const { text, author, time, changed, waits } = note;
  const at = new Date(changed ?? time);
  set(part(item, ".text"), text);
  set(part(item, ".author"), names[author] ?? "a device");
  const when = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  set(part(item, "time"), changed === undefined ? when : `changed ${when}`);
  part<HTMLTimeElement>(item, "time").dateTime = at.toISOString();
  part(item, ".waits").hidden = !waits;
  // A list of buttons is read out without the notes beside them.
  const [first = ""] = text.split("\n");
  const called = first.length > 40 ? `${first.slice(0, 40)}…` : first;
  part(item, "[data-do=edit]").ariaLabel = `Edit: ${called}`;
  part(item, "[data-do=delete]").ariaLabel = `Delete: ${called}`;
}

function set(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

function part<T extends HTMLElement>(item: Element, selector: string): T {
  return item.querySelector(selector) as T;
}

function focusOn(item: Element | null): void {
  const target = item?.querySelector("[data-do=edit]") ?? document.getElementById("text");
  (target as HTMLElement).focus();
}
