// Mutations of JSON: they know objects, arrays and values.

import type { Random } from "../random.ts";
import type { Mutator } from "./bytes.ts";
import { mutateText } from "./text.ts";

const VALUES: readonly string[] = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e400",
  "-0",
  "9007199254740993",
  '""',
  '"ff"',
  '"__proto__"',
  "[]",
  "{}",
  "[[]]",
  "[null]",
  '{"__proto__":{"polluted":1}}',
  '{"length":-1}',
  '{"toString":null}',
  '"\\ud83d"',
];

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where the values and keys of a JSON text are: strings, numbers, words, and whole brackets. */
function placesIn(text: string): Place[] {
  const places: Place[] = [];
  const open: number[] = [];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[-\d.eE+]+|true|false|null|[[\]{}]/g)) {
    if (token === "[" || token === "{") open.push(index);
    else if (token === "]" || token === "}") places.push({ start: open.pop() ?? 0, end: index + 1 });
    else places.push({ start: index, end: index + token.length });
  }
  return places;
}

/** One to three mutations of a JSON text; some of them leave none. */
export const mutateJson: Mutator = (seed, other, random) => {
  let text = new TextDecoder().decode(seed);
  const rest = new TextDecoder().decode(other);
  for (let left = 1 + random.length(2); left > 0; left--) text = changed(text, rest, random);
  const bytes = new TextEncoder().encode(text);
  return random.oneIn(4) ? mutateText(bytes, other, random) : bytes;
};

function changed(text: string, other: string, random: Random): string {
  const places = placesIn(text);
  if (places.length === 0) return random.pick(VALUES);
  const { start, end } = random.pick(places);
  const old = text.slice(start, end);
  const elsewhere = placesIn(other);
  const from = elsewhere.length === 0 ? undefined : random.pick(elsewhere);
  const replacement = random.pick([
    random.pick(VALUES),
    from === undefined ? "0" : other.slice(from.start, from.end),
    `[${old}]`,
    `${old},${old}`,
    old.startsWith('"') && old.length > 3 ? `${old.slice(0, -2)}"` : "",
    old.startsWith('"') ? old.toUpperCase() : old.repeat(1 + random.length(random.oneIn(100) ? 3000 : 8)),
  ]);
  return text.slice(0, start) + replacement + text.slice(end);
}
