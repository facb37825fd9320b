// The notebook of this browser: the group, and what is shown of it. One tab has it at a time; see tabs.ts.

import { databaseReaderStore, loadOrCreateSeed } from "@remote-log/core";
import { describeStatus, type Group, type GroupStatus, jsonCodec, openGroup } from "@remote-log/group";
import { BrowserLevel } from "browser-level";
import { type Change, checkChange, History, type Note, notesOf } from "./notes.ts";
import { Place, type PlaceSettings } from "./place.ts";

/** A note, and whether its newest change is on this device alone. */
export interface ShownNote extends Note {
  readonly waits: boolean;
}

/** What every tab shows. */
export interface NotebookState {
  /** `"new"`: this browser has no notebook yet. */
  readonly phase: "new" | "opening" | "open" | "failed";
  readonly notes: readonly ShownNote[];
  /** How things stand, in words. */
  readonly lines: readonly string[];
  readonly state: GroupStatus["state"] | undefined;
  readonly waiting: number;
  /** The names of the devices, by the ids of their logs. */
  readonly names: Readonly<Record<string, string>>;
  /** Why it failed. */
  readonly error?: string;
}

/** What a tab asks for. */
export type Action =
  | { readonly type: "start"; readonly name: string; readonly invite?: string }
  | { readonly type: "write"; readonly change: Change }
  | { readonly type: "invite" }
  | { readonly type: "sync" };

/** What a browser shows that has no notebook yet. */
export const NOTHING: NotebookState = {
  phase: "new",
  notes: [],
  lines: [],
  state: undefined,
  waiting: 0,
  names: {},
};

/** Keeps the name of this device: with it, the notebook opens by itself. */
const NAME = "notes-device-name";

/** The notebook, in the tab that has it. */
export class Notebook {
  readonly #show: (state: NotebookState) => void;
  readonly #history = new History();
  readonly #changes = new Set<string>();
  #updating = false;
  #group: Group<Change> | undefined;
  #state: NotebookState = NOTHING;

  /** @param show - is told of every change */
  constructor(show: (state: NotebookState) => void) {
    this.#show = show;
  }

  /** What is shown now. */
  get state(): NotebookState {
    return this.#state;
  }

  /** Opens what this browser has. */
  async resume(): Promise<void> {
    const name = localStorage.getItem(NAME);
    if (name === null) this.#set(NOTHING);
    else await this.#open(name);
  }

  /** Does what a tab asks for. What it returns is for that tab. */
  async do(action: Action): Promise<string | undefined> {
    switch (action.type) {
      case "start":
        if (this.#group === undefined) await this.#open(action.name, action.invite);
        localStorage.setItem(NAME, action.name);
        return undefined;
      case "write":
        await this.#write(action.change);
        return undefined;
      case "invite":
        return this.#opened.invite({ ownDevice: true });
      case "sync":
        await this.#group?.sync();
        return undefined;
    }
  }

  get #opened(): Group<Change> {
    if (this.#group === undefined) throw new Error("The notebook is not open yet.");
    return this.#group;
  }

  // A tab that heard nothing of its change asks the next leader again.
  async #write(change: Change): Promise<void> {
    if (this.#changes.has(change.change)) return;
    this.#changes.add(change.change);
    try {
      await this.#opened.append(change);
    } catch (error) {
      this.#changes.delete(change.change);
      throw error;
    }
  }

  async #open(name: string, invite?: string): Promise<void> {
    this.#set({ ...NOTHING, phase: "opening" });
    try {
      const keys = new BrowserLevel<Uint8Array, Uint8Array>("notes-keys");
      const seed = await loadOrCreateSeed(databaseReaderStore(keys));
      await keys.close();
      const settings = (await (await fetch("/place.json")).json()) as PlaceSettings;
      const place = new Place(settings);
      const group = await openGroup<Change>({
        name,
        seed,
        ...(invite !== undefined && { invite }),
        journal: new BrowserLevel("notes-journal"),
        store: new BrowserLevel("notes-store"),
        codec: jsonCodec({ type: "note", check: checkChange }),
        remotes: () => place.remotes(),
        schemes: place.schemes,
        pollMilliseconds: settings.pollMilliseconds,
        retries: 1,
        onWithdrawn: (ids) => {
          this.#history.withdraw(ids);
          this.#update();
        },
      });
      this.#group = group;
      let count = 0;
      for await (const { value } of group.messages()) {
        this.#changes.add(value.change);
        count++;
      }
      await this.#followMessages(count);
    } catch (error) {
      this.#group = undefined;
      this.#set({ ...NOTHING, phase: "failed", error: messageOf(error) });
      throw error;
    }
    this.#showGroup();
    void this.#followStatus();
    for (const change of ["online", "offline"]) addEventListener(change, () => this.#update());
  }

  /** Takes messages as they come; resolves when as many are there as this device had. */
  #followMessages(count: number): Promise<void> {
    return new Promise((resolve) => {
      const follow = async (): Promise<void> => {
        let taken = 0;
        if (count === 0) resolve();
        for await (const message of this.#opened.messages({ live: true })) {
          this.#history.take(message, message.before);
          this.#changes.add(message.value.change);
          if (++taken === count) resolve();
          if (taken > count) this.#update();
        }
      };
      void follow();
    });
  }

  async #followStatus(): Promise<void> {
    for await (const _ of this.#opened.watch()) this.#update();
  }

  // What comes at once is shown at once.
  #update(): void {
    if (this.#updating) return;
    this.#updating = true;
    setTimeout(() => {
      this.#updating = false;
      this.#showGroup();
    });
  }

  #showGroup(): void {
    if (this.#group === undefined) return;
    const status = this.#group.status();
    const { waitingToPublish, members } = status;
    // A device that is alone reads nobody, and so would not notice.
    const state = status.state === "up-to-date" && !navigator.onLine ? "offline" : status.state;
    const own = this.#history.written.filter(({ author }) => author === this.#group!.self);
    const waiting = own.slice(Math.max(0, own.length - waitingToPublish)).map(({ value }) => value.change);
    this.#set({
      phase: "open",
      notes: notesOf(this.#history.written).map((note) => ({
        ...note,
        waits: waiting.includes(note.change),
      })),
      lines: describeStatus({ ...status, state }),
      state,
      waiting: waitingToPublish,
      names: Object.fromEntries(members.map(({ id, name }) => [id, name])),
    });
  }

  #set(state: NotebookState): void {
    this.#state = state;
    this.#show(state);
  }
}

/** What went wrong, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
