// The progress bar on standard error.

/** How often the bar is drawn, in milliseconds. */
const DRAW_EVERY = 100;
/** Tasks that end sooner than this show no bar, in milliseconds. */
const DRAW_AFTER = 300;
/** Characters between the brackets. */
const WIDTH = 30;

/** A bar on a terminal that shows how far a task is. Without a stream it shows nothing. */
export class ProgressBar {
  readonly #label: string;
  readonly #stream: NodeJS.WriteStream | undefined;
  readonly #started: number = performance.now();
  #drawn = 0;
  #visible = false;

  constructor(label: string, stream: NodeJS.WriteStream | undefined) {
    this.#label = label;
    this.#stream = stream;
  }

  /**
   * Records how far the task is.
   *
   * @param done - entries so far
   * @param total - entries in all; left out if nobody knows
   * @param more - what moves while the number of entries stands still
   */
  update(done: number, total?: number, more?: string): void {
    if (this.#stream === undefined) return;
    const now = performance.now();
    if (now - this.#started < DRAW_AFTER || now - this.#drawn < DRAW_EVERY) return;
    this.#drawn = now;
    this.#visible = true;
    const rate = Math.round((done / (now - this.#started)) * 1000);
    const shown = total === undefined || total === 0 ? "" : ` ${bar(Math.min(done / total, 1))}`;
    const count = total === undefined ? `${done}` : `${done}/${total}`;
    const end = more === undefined ? `${rate}/s` : more;
    this.#stream.write(`\r\u001b[K${this.#label}${shown} ${count} entries, ${end}`);
  }

  /** Removes the bar from the terminal. */
  clear(): void {
    if (this.#visible) this.#stream?.write("\r\u001b[K");
    this.#visible = false;
  }
}

function bar(part: number): string {
  const full = Math.round(part * WIDTH);
  return `[${"#".repeat(full)}${"-".repeat(WIDTH - full)}] ${Math.floor(part * 100)}%`;
}
