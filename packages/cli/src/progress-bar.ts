/** How often the bar is drawn, in milliseconds. */
const DRAW_EVERY = 100;
/** Nothing is drawn before, for what is over at once, in milliseconds. */
const PATIENCE = 300;
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
   * Notes how far the task is.
   *
   * @param total - how far it has to go; left out where nobody knows
   */
  update(done: number, total?: number): void {
    if (this.#stream === undefined) return;
    const now = performance.now();
    if (now - this.#started < PATIENCE || now - this.#drawn < DRAW_EVERY) return;
    this.#drawn = now;
    this.#visible = true;
    const rate = Math.round((done / (now - this.#started)) * 1000);
    const shown = total === undefined || total === 0 ? "" : ` ${bar(Math.min(done / total, 1))}`;
    const count = total === undefined ? `${done}` : `${done}/${total}`;
    this.#stream.write(`\r\u001b[K${this.#label}${shown} ${count} entries, ${rate}/s`);
  }

  /** Takes the bar off the terminal. */
  clear(): void {
    if (this.#visible) this.#stream?.write("\r\u001b[K");
    this.#visible = false;
  }
}

function bar(part: number): string {
  const full = Math.round(part * WIDTH);
  return `[${"#".repeat(full)}${"-".repeat(WIDTH - full)}] ${Math.floor(part * 100)}%`;
}
