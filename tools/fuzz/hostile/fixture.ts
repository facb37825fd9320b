// The form of the hostile fixtures; vectors/hostile/README.md describes it for other implementations.

/** What goes in: bytes in hexadecimal digits, a text, or bytes of which each part is repeated. */
export type Input =
  | { readonly hex: string }
  | { readonly text: string }
  | { readonly parts: readonly (readonly [hex: string, times: number])[] };

/** What a decoder has to know besides: hexadecimal digits, texts and numbers. */
export type Context = Readonly<
  Record<string, string | number | readonly string[] | Readonly<Record<string, string>>>
>;

/** What is to come of it. */
export interface Verdict {
  readonly expect: "accepted" | "refused";
  /** The code of the error, if it is refused with one. */
  readonly code?: string;
  /** What it means, if it is accepted and can only mean one thing. */
  readonly means?: string;
}

/** One input for one decoder. */
export interface DecodeFixture extends Verdict {
  readonly name: string;
  readonly why: string;
  readonly decode: string;
  readonly input: Input;
  readonly with?: Context;
}

/** What a remote shows, and how a reader has to take it: one catch-up. */
export interface Step {
  /** What the name of each remote holds, in hexadecimal digits; `null` if it holds nothing. */
  readonly heads: readonly (string | null)[];
  /** The contents that are delivered, in hexadecimal digits, from entry 0 on. */
  readonly delivers: readonly string[];
  /** The code of the error that ends it; absent if it ends at the newest entry. */
  readonly code?: string;
}

/** A reader that catches up once or several times, with the same memory. */
export interface ReadFixture {
  readonly name: string;
  readonly why: string;
  readonly read: {
    readonly logId: string;
    /** The identity of a reader by name: the log is private. */
    readonly identity?: string;
    readonly floor?: { readonly size: number; readonly root?: string };
    /** The most bytes that the reader accepts: `headBytes`, `pageBytes`, `contentBytes`. */
    readonly limits?: Readonly<Record<string, number>>;
    /** The objects of each remote, by their addresses: what is returned, whether it fits or not. */
    readonly objects: readonly Readonly<Record<string, string>>[];
    readonly steps: readonly Step[];
  };
}

/** Any fixture. */
export type Fixture = DecodeFixture | ReadFixture;

/** The fixtures of one threat, as a file. */
export interface ThreatFile {
  readonly threat: string;
  readonly title: string;
  readonly fixtures: readonly Fixture[];
}

/** A threat, its title and its fixtures, whose names begin with it. */
export function threat(id: string, title: string, fixtures: readonly Fixture[]): ThreatFile {
  return {
    threat: id,
    title,
    fixtures: fixtures.map((fixture) => ({ ...fixture, name: `${id}-${fixture.name}` })),
  };
}
