// Several tabs, one notebook: the tab that holds a Web Lock has it, and does for the others what they ask.

import { type Action, messageOf, NOTHING, Notebook, type NotebookState } from "./notebook.ts";

const LOCK = "notes-leader";
const CHANNEL = "notes";

/** How long a tab waits before it opens again what the tab before has not let go of yet, in milliseconds. */
const RETRY = 200;

/** What tabs tell each other. */
type Word =
  /** From the leader: what to show. */
  | { readonly word: "state"; readonly state: NotebookState }
  /** From the leader: it is there, and does what it is asked. */
  | { readonly word: "leader" }
  /** From another tab: show me, please. */
  | { readonly word: "hello" }
  /** From another tab: do this, please. */
  | { readonly word: "do"; readonly id: string; readonly action: Action }
  /** From the leader: it is done. */
  | { readonly word: "done"; readonly id: string; readonly outcome: Outcome };

type Outcome = { readonly value: string | undefined } | { readonly error: string };

interface Asked {
  readonly action: Action;
  readonly resolve: (value: string | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** The notebook, as a tab sees it, wherever it is open. */
export class Tabs {
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #asked = new Map<string, Asked>();
  readonly #show: (state: NotebookState, leads: boolean) => void;
  #notebook: Notebook | undefined;

  /** @param show - is told what to show, and whether this tab has the notebook */
  constructor(show: (state: NotebookState, leads: boolean) => void) {
    this.#show = show;
    this.#channel.onmessage = ({ data }: MessageEvent<Word>) => this.#hear(data);
    // Whoever gets the lock keeps it until its tab is closed; then the browser gives it to the next.
    void navigator.locks.request(LOCK, () => this.#lead());
    this.#say({ word: "hello" });
  }

  /** Does something in the notebook, here or through the tab that has it. If that tab is closed meanwhile, the next one does it. */
  do(action: Action): Promise<string | undefined> {
    if (this.#notebook !== undefined) return this.#notebook.do(action);
    return new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      this.#asked.set(id, { action, resolve, reject });
      this.#say({ word: "do", id, action });
    });
  }

  async #lead(): Promise<never> {
    for (;;) {
      const notebook = new Notebook((state) => {
        this.#show(state, true);
        this.#say({ word: "state", state });
      });
      try {
        await notebook.resume();
        this.#notebook = notebook;
        break;
      } catch (error) {
        const isHeld = (error as { code?: unknown }).code === "ERR_JOURNAL_LOCKED";
        if (!isHeld) {
          this.#notebook = notebook;
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
    this.#say({ word: "leader" });
    // What this tab had asked of the one before it does itself.
    for (const [id, { action, resolve, reject }] of this.#asked) {
      this.#asked.delete(id);
      this.#notebook.do(action).then(resolve, reject);
    }
    return new Promise(() => undefined);
  }

  #hear(word: Word): void {
    switch (word.word) {
      case "state":
        if (this.#notebook === undefined) this.#show(word.state, false);
        break;
      case "leader":
        for (const [id, { action }] of this.#asked) this.#say({ word: "do", id, action });
        break;
      case "hello":
        if (this.#notebook !== undefined) this.#say({ word: "state", state: this.#notebook.state });
        break;
      case "do":
        if (this.#notebook !== undefined) void this.#doFor(word.id, word.action, this.#notebook);
        break;
      case "done": {
        const asked = this.#asked.get(word.id);
        this.#asked.delete(word.id);
        if ("error" in word.outcome) asked?.reject(new Error(word.outcome.error));
        else asked?.resolve(word.outcome.value);
        break;
      }
    }
  }

  async #doFor(id: string, action: Action, notebook: Notebook): Promise<void> {
    const outcome: Outcome = await notebook.do(action).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: messageOf(error) }),
    );
    this.#say({ word: "done", id, outcome });
  }

  #say(word: Word): void {
    this.#channel.postMessage(word);
  }
}

/** What a tab shows until it hears of the notebook. */
export const UNHEARD: NotebookState = { ...NOTHING, phase: "opening" };
