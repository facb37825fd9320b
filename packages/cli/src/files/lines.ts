// Cuts the input of `rlog append` into entries.

/** The most lines that are yielded at once. */
const LINES_AT_ONCE = 1024;

const LF = 0x0a;
const CR = 0x0d;

/** An entry of the input is longer than the log accepts. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

/**
 * Cuts a stream of bytes into lines as they arrive. Each LF or CRLF ends a line and does not belong to it; other bytes are
 * kept as they are. An empty line is a line. Bytes after the last line ending are a line, too.
 *
 * Holds at most one chunk and one line.
 *
 * @param longest - the longest line, in bytes
 * @throws LineTooLong if a line is longer; all lines before it were yielded
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  longest: number,
): AsyncGenerator<Uint8Array[], void, undefined> {
  let parts: Uint8Array[] = [];
  let held = 0;
  const line = (last: Uint8Array, ended: boolean): Uint8Array => {
    const whole = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    held = 0;
    const end = ended && whole.at(-1) === CR ? whole.length - 1 : whole.length;
    return whole.subarray(0, end);
  };
  for await (const chunk of chunks) {
    let lines: Uint8Array[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const next = line(chunk.subarray(start, end), true);
      start = end + 1;
      if (next.length > longest) {
        if (lines.length > 0) yield lines;
        throw tooLong(longest);
      }
      lines.push(next);
      if (lines.length >= LINES_AT_ONCE) {
        yield lines;
        lines = [];
      }
    }
    if (lines.length > 0) yield lines;
    if (start < chunk.length) {
      // A copy: the stream may reuse its buffer.
      parts.push(chunk.slice(start));
      held += chunk.length - start;
    }
    // One more byte may be the CR of a line ending.
    if (held > longest + 1) throw tooLong(longest);
  }
  if (held === 0) return;
  const last = line(new Uint8Array(0), false);
  if (last.length > longest) throw tooLong(longest);
  yield [last];
}

/**
 * Reads a whole stream of bytes as one entry.
 *
 * @throws LineTooLong if it has more than `longest` bytes; it then reads no further
 */
export async function readWhole(chunks: AsyncIterable<Uint8Array>, longest: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    parts.push(chunk.slice());
    held += chunk.length;
    if (held > longest) throw tooLong(longest);
  }
  return Buffer.concat(parts);
}

function tooLong(longest: number): LineTooLong {
  return new LineTooLong(`An entry of this log has at most ${longest} bytes.`);
}
