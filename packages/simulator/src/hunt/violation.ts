// What a schedule must never lead to.

/** A promise that was broken. */
export class Violation extends Error {
  override readonly name = "Violation";
  /** The promise, in kebab-case. */
  readonly rule: string;

  constructor(rule: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.rule = rule;
  }
}
