// The table of hostile answers: every way known here in which an HTTP service can make its client read without end.

import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type Act, BYTE_CHUNKS, CHUNK, chunk, drip, flood, head } from "./wire.ts";

/** A hostile answer. */
export interface HostileAnswer {
  /** Its name, which is a part of its URL: `"403-endless"`. */
  readonly name: string;
  /**
   * How an operation has to end. `"by-itself"`: before its caller gives up. `"with-signal"`: at the latest when its caller gives
   * up, because nothing tells that there will be no more.
   */
  readonly ends: "by-itself" | "with-signal";
  /** The code that errors have to have, if the answer says that much, whoever asks. */
  readonly code?: string;
  /** Whether it is a whole answer to HTTP, which may be right, and more comes behind it. */
  readonly isWhole?: true;
  /** Why connections stay open, if a runtime leaves them so and nobody else can close them. */
  readonly staysOpen?: string;
  readonly act: Act;
}

const CHUNKED = { "transfer-encoding": "chunked", "content-type": "application/octet-stream" };

const STATUSES = [200, 206, 400, 403, 404, 409, 412, 429, 500, 503] as const;
const REDIRECTS = [301, 302, 303, 307, 308] as const;
const CODES: Readonly<Record<number, string>> = {
  403: "ERR_DENIED",
  429: "ERR_UNREACHABLE",
  500: "ERR_UNREACHABLE",
  503: "ERR_UNREACHABLE",
};

function codeOf(status: number): { readonly code?: string } {
  const code = CODES[status];
  return code === undefined ? {} : { code };
}

function endless(status: number): HostileAnswer {
  const act: Act = (socket) => {
    socket.write(head(status, CHUNKED));
    return flood(socket, CHUNK);
  };
  return { name: `${status}-endless`, ends: "by-itself", ...codeOf(status), act };
}

function dripping(status: number): HostileAnswer {
  const act: Act = (socket) => {
    socket.write(head(status, CHUNKED));
    drip(socket, chunk("x"));
  };
  return { name: `${status}-dripping`, ends: "with-signal", act };
}

function redirecting(status: number): readonly HostileAnswer[] {
  const to = (location: (base: string, path: string) => string): Act => {
    return (socket, { base, path }) => {
      socket.write(head(status, { ...CHUNKED, location: location(base, path) }));
      return flood(socket, CHUNK);
    };
  };
  // A hundred thousand of them, each to the next.
  const next = (base: string, path: string): string => {
    const step = Number(/^\/step-(\d+)/.exec(path)?.[1] ?? "0");
    return `${base}/step-${Math.min(step + 1, 100_000)}`;
  };
  const ends = "by-itself";
  return [
    { name: `${status}-itself`, ends, act: to((base, path) => `${base}${path}`) },
    { name: `${status}-chain`, ends, act: to(next) },
  ];
}

/** A body with a length that is not that of its bytes. */
function declared(name: string, status: number, length: number | string, act: Act): HostileAnswer {
  return {
    name,
    ends: "with-signal",
    ...codeOf(status),
    act: (socket, request) => {
      socket.write(head(status, { "content-type": "application/octet-stream", "content-length": length }));
      return act(socket, request);
    },
  };
}

/** A body that is compressed, as the client asked for it or not. */
function compressed(name: string, status: number, encoding: string, piece: () => Uint8Array): HostileAnswer {
  let made: Uint8Array | undefined;
  const act: Act = (socket) => {
    made ??= chunk(piece());
    socket.write(head(status, { ...CHUNKED, "content-encoding": encoding }));
    return flood(socket, made);
  };
  return { name, ends: "with-signal", ...codeOf(status), act };
}

const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
/** How a compressed body begins, and a block of it that holds nothing: it continues for ever, and not a byte comes of it. */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
const EMPTY_BLOCK = Uint8Array.of(0, 0, 0, 0xff, 0xff);

const ZEROS = new Uint8Array(16 * 1024 * 1024);

/** An answer that begins, and floods the client with one piece again and again. */
function flooding(
  name: string,
  begin: string,
  piece: Uint8Array | string,
  first: Uint8Array | string = "",
): HostileAnswer {
  const act: Act = (socket) => {
    socket.write(begin);
    socket.write(first);
    return flood(socket, Buffer.from(piece));
  };
  return { name, ends: "with-signal", act };
}

const LINES = "x-more: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n".repeat(1000);
const LINE = "x".repeat(65_536);

/** Every hostile answer. */
export const hostileAnswers: readonly HostileAnswer[] = [
  ...STATUSES.map(endless),
  ...STATUSES.map(dripping),
  ...REDIRECTS.flatMap(redirecting),
  { ...endless(304), ends: "with-signal", isWhole: true },

  // Lengths that lie.
  declared("200-length-too-long", 200, 1_000_000, (socket) => void socket.write("x")),
  declared("200-length-cut", 200, 1_000_000, (socket) => void socket.end("x")),
  { ...declared("200-length-too-short", 200, 3, (socket) => flood(socket)), isWhole: true },
  declared("200-length-huge", 200, 2 ** 50, (socket) => flood(socket)),
  declared("500-length-huge", 500, 2 ** 50, (socket) => flood(socket)),
  declared("200-length-nonsense", 200, "9".repeat(1000), (socket) => flood(socket)),
  flooding("200-until-close", head(200), LINE),
  flooding("403-until-close", head(403), LINE),

  // Headers.
  flooding("endless-header-lines", "HTTP/1.1 200 OK\r\n", LINES),
  flooding("endless-header-line", "HTTP/1.1 200 OK\r\nx-more: ", LINE),
  flooding("endless-status-line", "HTTP/1.1 200 ", LINE),
  flooding("header-of-megabytes", `HTTP/1.1 404 No\r\nx-more: ${LINE.repeat(80)}\r\n\r\n`, LINE),
  {
    name: "dripping-headers",
    ends: "with-signal",
    act: (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      drip(socket, "x: y\r\n");
    },
  },

  // Answers before the answer.
  flooding("endless-100", "", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)),
  flooding("endless-102", "", "HTTP/1.1 102 Processing\r\n\r\n".repeat(1000)),
  flooding("endless-103", "", `HTTP/1.1 103 Early Hints\r\nlink: <${"x".repeat(4000)}>\r\n\r\n`.repeat(16)),

  // Chunks.
  flooding("one-byte-chunks-200", head(200, CHUNKED), BYTE_CHUNKS),
  flooding("one-byte-chunks-500", head(500, CHUNKED), BYTE_CHUNKS),
  flooding("endless-chunk-extension", `${head(200, CHUNKED)}1;x=`, LINE),
  flooding("chunks-with-extensions", head(200, CHUNKED), `1;x=${"y".repeat(2000)}\r\nx\r\n`.repeat(16)),
  flooding("endless-chunk-size", `${head(200, CHUNKED)}0`, "0".repeat(65_536)),
  flooding("endless-trailers-200", `${head(200, CHUNKED)}1\r\nx\r\n0\r\n`, LINES),
  flooding("endless-trailers-403", `${head(403, CHUNKED)}1\r\nx\r\n0\r\n`, LINES),

  // Compression.
  compressed("gzip-bomb-200", 200, "gzip", () => gzipSync(ZEROS)),
  compressed("gzip-bomb-500", 500, "gzip", () => gzipSync(ZEROS)),
  compressed("gzip-of-gzip-200", 200, "gzip, gzip", () => gzipSync(gzipSync(ZEROS))),
  compressed("brotli-bomb-200", 200, "br", () => brotliCompressSync(ZEROS, QUICK)),
  flooding(
    "gzip-of-nothing",
    `${head(200, { ...CHUNKED, "content-encoding": "gzip" })}`,
    chunk(Buffer.concat(Array<Uint8Array>(10_000).fill(EMPTY_BLOCK))),
    chunk(GZIP_HEADER),
  ),
  {
    ...compressed("many-encodings", 200, Array(1500).fill("gzip").join(","), () => gzipSync(ZEROS)),
    staysOpen: "fetch of Node 20 refuses such an answer, and leaves its connection",
  },
  {
    name: "gzip-of-nothing-dripping",
    ends: "with-signal",
    act: (socket) => {
      socket.write(`${head(200, { ...CHUNKED, "content-encoding": "gzip" })}`);
      socket.write(chunk(GZIP_HEADER));
      drip(socket, chunk(EMPTY_BLOCK));
    },
  },

  // Nothing, too little, and a pace that no idle time notices.
  { name: "never", ends: "with-signal", act: () => undefined },
  { name: "closed", ends: "by-itself", code: "ERR_UNREACHABLE", act: (socket) => void socket.destroy() },
  {
    name: "200-steady",
    ends: "with-signal",
    act: (socket) => {
      socket.write(head(200, CHUNKED));
      drip(socket, chunk(LINE.slice(0, 4096)));
    },
  },
];
