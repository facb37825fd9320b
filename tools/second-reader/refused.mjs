// The one error of this reader.

/**
 * Thrown for everything that a reader must refuse.
 *
 * `kind` says whose fault it is: `malformed` (bytes that are not what they should be), `unverified` (a hash or a signature
 * that does not fit), `missing` (the storage does not show an object), `contradiction` (what was known is not a part of
 * what is shown), `unsupported` (a newer kind of log or link).
 */
export class Refused extends Error {
  /**
   * @param {"malformed" | "unverified" | "missing" | "contradiction" | "unsupported"} kind
   * @param {string} message
   */
  constructor(kind, message) {
    super(message);
    this.name = "Refused";
    this.kind = kind;
  }
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function wellFormed(condition, message) {
  if (!condition) throw new Refused("malformed", message);
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function verified(condition, message) {
  if (!condition) throw new Refused("unverified", message);
}
