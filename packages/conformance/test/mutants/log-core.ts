import type { Entry, ReaderOptions, WriterOptions } from "@remote-log/core";
import { type LogCore, type LogReader, type LogWriter, realCore } from "../../src/cases/log/log-core.ts";

/** A core with one fault, and the cases about whole logs that have to find it on a sound adapter. */
export interface CoreMutant {
  /** What is wrong with it. */
  readonly fault: string;
  /** The ids that must fail. */
  readonly caughtBy: readonly string[];
  /** The core that has it. */
  readonly core: LogCore;
}

/** What a reader streams. */
export type Entries = AsyncGenerator<Entry, void, undefined>;

/** An object of which some members are others. */
function changed<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(_target, key) {
      const source = key in changes ? changes : target;
      const value: unknown = Reflect.get(source, key, source);
      return typeof value === "function" ? value.bind(source) : value;
    },
  });
}

/** A core whose readers have other methods. */
export function readingWith(
  change: (reader: LogReader, options: ReaderOptions) => Partial<LogReader>,
): LogCore {
  return {
    ...realCore,
    async openReader(options) {
      const reader = await realCore.openReader(options);
      return changed(reader, change(reader, options));
    },
  };
}

/** A core whose readers are opened with other options. */
export function openingWith(change: (options: ReaderOptions) => ReaderOptions): LogCore {
  return { ...realCore, openReader: (options) => realCore.openReader(change(options)) };
}

/** A core whose readers fail with other errors. */
export function failingWith(change: (error: unknown) => unknown): LogCore {
  const rethrow = (error: unknown): never => {
    throw change(error);
  };
  const core = readingWith((reader) => ({
    sync: (options) => reader.sync(options).catch(rethrow),
    from: (...args) => afterFailure(reader.from(...args), (_delivered, error) => rethrow(error)),
  }));
  return { ...core, openReader: (options) => core.openReader(options).catch(rethrow) };
}

/** A core whose writers have other methods. */
export function writingWith(
  change: (writer: LogWriter, options: WriterOptions) => Partial<LogWriter>,
): LogCore {
  return {
    ...realCore,
    async openWriter(options) {
      const writer = await realCore.openWriter(options);
      return changed(writer, change(writer, options));
    },
  };
}

/** A core whose writers are opened with other options. */
export function beginningWith(change: (options: WriterOptions) => WriterOptions): LogCore {
  return { ...realCore, openWriter: (options) => realCore.openWriter(change(options)) };
}

/** A stream that continues in another way where it fails. */
export async function* afterFailure(
  stream: Entries,
  failed: (delivered: number, error: unknown) => Iterable<Entry> | Entries,
): Entries {
  let delivered = 0;
  try {
    for await (const entry of stream) {
      yield entry;
      delivered++;
    }
  } catch (error) {
    yield* failed(delivered, error);
  }
}
