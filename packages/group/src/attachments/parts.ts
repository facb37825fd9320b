// Bytes of any number as parts of one size.

import { checkArgument, optionKinds } from "@remote-log/core/adapter";

/** Bytes that are attached: at once, or as they come. */
export type AttachmentSource = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array> | ByteStream;

/** What is used of a web stream, which not every browser can iterate. */
export interface ByteStream {
  /** Its reader. */
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** The bytes of a source in parts: each of the given size, the last of what is left. Each is a copy. */
export async function* partsOf(
  source: AttachmentSource,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let part = new Uint8Array(size);
  let filled = 0;
  for await (const piece of piecesOf(source)) {
    checkArgument(piece, optionKinds.bytes, {
      name: "Each piece of what is attached",
      operation: "group.attach",
    });
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(size - filled, piece.length - at);
      part.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < size) continue;
      yield part;
      part = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield part.slice(0, filled);
}

function piecesOf(source: AttachmentSource): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (source instanceof Uint8Array) return [source];
  if ("getReader" in source) return readStream(source);
  return source;
}

async function* readStream(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      if (value !== undefined) yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
  }
}
