// The kinds of options: what each is, and how messages call it.

/** What an option has to be. */
export interface OptionKind {
  /** Whether a value is one; never asked about `undefined`. */
  readonly is: (value: unknown) => boolean;
  /** What is expected and how to get it, as it follows "must be": `"a text, such as \"my-bucket\""`. */
  readonly expected: string;
  /** Whether it has to be given. Default: no. */
  readonly required?: boolean;
}

/** The kind of each of some options: none may be left out. */
export type KindsOf<Options> = Readonly<Record<keyof Options, OptionKind>>;

/** Whether a value is an object that is no array. */
export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Any text. */
export const text: OptionKind = { is: (value) => typeof value === "string", expected: "a string" };

/** A number. Its range is checked where it is known. */
export const number: OptionKind = { is: (value) => typeof value === "number", expected: "a number" };

/** `true` or `false`. */
export const flag: OptionKind = { is: (value) => typeof value === "boolean", expected: "true or false" };

/** A function. */
export const callback: OptionKind = { is: (value) => typeof value === "function", expected: "a function" };

/** An object that is no array. */
export const record: OptionKind = { is: isObject, expected: "an object" };

/** Bytes. */
export const bytes: OptionKind = { is: (value) => value instanceof Uint8Array, expected: "a Uint8Array" };

/** An abort signal, whoever made it: runtimes and libraries bring their own. */
export const signal: OptionKind = {
  is: (value) =>
    isObject(value) &&
    typeof (value as Partial<AbortSignal>).aborted === "boolean" &&
    typeof (value as Partial<AbortSignal>).addEventListener === "function",
  expected: "an AbortSignal, such as that of `new AbortController()` or `AbortSignal.timeout(1000)`",
};

/** An array. Its members are checked where they are used. */
export const list: OptionKind = { is: Array.isArray, expected: "an array" };

/** One of some words. */
export function oneOf(...words: readonly string[]): OptionKind {
  const expected = words.map((word) => JSON.stringify(word)).join(" or ");
  return { is: (value) => words.some((word) => word === value), expected };
}

/** An object, or a function, that has some methods. */
export function withMethods(methods: readonly string[], expected: string): OptionKind {
  const is = (value: unknown): boolean =>
    (isObject(value) || typeof value === "function") &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function");
  return { is, expected };
}

/** The same kind, which has to be given, with other words for what is expected if there are any. */
export function required(kind: OptionKind, expected: string = kind.expected): OptionKind {
  return { ...kind, expected, required: true };
}
