// Mutations of signed notes (C2SP signed-note): they know lines, numbers, base64 and signatures.

import type { Random } from "../random.ts";
import type { Mutator } from "./bytes.ts";
import { mutateText } from "./text.ts";

/** The lines of the text, and those of the signatures. */
interface Note {
  readonly lines: string[];
  readonly signatures: string[];
}

type Way = (note: Note, other: Note, random: Random) => void;

const NUMBERS = ["0", "1", "2", "255", "256", "9007199254740991", "9007199254740992", "-1", "01", "1.0", ""];
const LENGTHS = [0, 1, 31, 33, 64];

function parse(text: string): Note {
  const split = text.lastIndexOf("\n\n");
  const [lines, signatures] = [text.slice(0, Math.max(split, 0)), text.slice(split + 2)];
  return { lines: lines.split("\n"), signatures: signatures.replace(/\n$/, "").split("\n") };
}

function write({ lines, signatures }: Note): string {
  return `${lines.join("\n")}\n\n${signatures.map((line) => `${line}\n`).join("")}`;
}

const isBase64 = (word: string): boolean => word.length > 20 && /^[A-Za-z0-9+/]+=*$/.test(word);

/** Other bytes in base64, or the same in another form. */
function otherBase64(word: string, random: Random): string {
  const bytes = Buffer.from(word, "base64");
  const at = random.below(bytes.length);
  const flipped = Buffer.from(bytes);
  flipped[at]! ^= 1 << random.below(8);
  const length = random.pick(LENGTHS);
  return random.pick([
    flipped.toString("base64"),
    Buffer.from(random.bytes(bytes.length)).toString("base64"),
    Buffer.concat([bytes, Buffer.alloc(64)])
      .subarray(0, length)
      .toString("base64"),
    Buffer.from([...bytes].reverse()).toString("base64"),
    Buffer.alloc(bytes.length, random.pick([0, 1, 255])).toString("base64"),
    bytes.toString("base64url"),
    word.replace(/=+$/, ""),
    // Bits that mean nothing.
    word.replace(/.(?==)/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 1)),
  ]);
}

/** Changes one of the lines that fit. */
function eachLine(fits: (line: string) => boolean, change: (line: string, random: Random) => string): Way {
  return ({ lines }, _other, random) => {
    const places = [...lines.keys()].filter((i) => fits(lines[i]!));
    if (places.length === 0) return;
    const at = random.pick(places);
    lines[at] = change(lines[at]!, random);
  };
}

const isNumber = (line: string): boolean => /^\d+$/.test(line);

const ways: readonly Way[] = [
  // A number: the next one, the one before, or one that tells.
  eachLine(isNumber, (line, random) =>
    random.oneIn(2) ? `${BigInt(line) + (random.oneIn(2) ? 1n : -1n)}` : random.pick(NUMBERS),
  ),
  eachLine(isBase64, otherBase64),
  // A line of the same kind, from elsewhere in it or from another note.
  ({ lines }, other, random) => {
    const at = random.below(lines.length);
    const kind = isNumber(lines[at]!) ? isNumber : isBase64(lines[at]!) ? isBase64 : undefined;
    const from = [...lines, ...other.lines].filter((line) => kind?.(line) ?? true);
    if (from.length > 0) lines[at] = random.pick(from);
  },
  // A line that is gone, is there twice, or stands elsewhere.
  ({ lines }, _other, random) => {
    const [line = ""] = lines.splice(random.below(lines.length), 1);
    if (random.oneIn(2)) lines.splice(random.below(lines.length + 1), 0, line);
  },
  ({ lines }, _other, random) => {
    const at = random.below(lines.length);
    lines.splice(at, 0, random.oneIn(2) ? lines[at]! : "");
  },
  // The signature of another text, one more of them, or none.
  (note, other, random) => {
    const { signatures } = note;
    const foreign = random.pick(other.signatures);
    const removed = random.below(3);
    signatures.splice(random.below(signatures.length), removed, ...(random.oneIn(3) ? [] : [foreign]));
  },
  // Another key id, signature, or name of the key.
  ({ signatures }, _other, random) => {
    const at = random.below(signatures.length);
    const [dash = "", name = "", word = ""] = (signatures[at] ?? "").split(" ");
    const changed = word.length > 4 ? otherBase64(word, random) : word;
    signatures[at] = random.oneIn(4) ? `${dash} ${name}x ${word}` : `${dash} ${name} ${changed}`;
  },
  // A witness beside, before or after.
  ({ signatures }, _other, random) => {
    const witness = `\u2014 example.org/witness ${Buffer.from(random.bytes(5 + random.length(80))).toString("base64")}`;
    signatures.splice(random.below(signatures.length + 1), 0, witness);
  },
];

/** One to three mutations of a signed note; seldom of it as any text. */
export const mutateNote: Mutator = (seed, other, random) => {
  const decoder = new TextDecoder();
  const note = parse(decoder.decode(seed));
  const rest = parse(decoder.decode(other));
  for (let left = 1 + random.length(2); left > 0; left--) random.pick(ways)(note, rest, random);
  const bytes = new TextEncoder().encode(write(note));
  return random.oneIn(6) ? mutateText(bytes, other, random) : bytes;
};
