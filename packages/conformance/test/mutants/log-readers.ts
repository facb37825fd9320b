import { type Entry, ForkError, isRemoteLogError, UnreachableError } from "@remote-log/core";
import { realCore } from "../../src/cases/log/log-core.ts";
import {
  afterFailure,
  type CoreMutant,
  type Entries,
  failingWith,
  openingWith,
  readingWith,
} from "./log-core.ts";

/** Readers that believe, forget or give up too easily. */
export const readerMutants: readonly CoreMutant[] = [
  {
    fault: "delivers what failed its check, and says so afterwards",
    caughtBy: [
      "LOG-LIAR-01",
      "LOG-LIAR-02",
      "LOG-LIAR-03",
      "LOG-LIAR-04",
      "LOG-LIAR-05",
      "LOG-LIAR-06",
      "LOG-LIAR-07",
      "LOG-LIAR-08",
      "LOG-LIAR-10",
      "LOG-LIAR-11",
      "LOG-LIAR-27",
    ],
    core: readingWith((reader) => ({
      from: (sequence, options) =>
        afterFailure(reader.from(sequence, options), async function* (next, error) {
          yield { sequence: (sequence ?? 0) + next, id: new Uint8Array(32), content: new Uint8Array(1) };
          throw error;
        }),
    })),
  },
  {
    fault: "gives a single entry without a check",
    caughtBy: ["LOG-LIAR-09"],
    core: readingWith((reader) => {
      const unchecked = (sequence: number): Entry => ({
        sequence,
        id: new Uint8Array(32),
        content: new Uint8Array(1),
      });
      return {
        entry: (sequence, options) => reader.entry(sequence, options).catch(() => unchecked(sequence)),
        latest: (count, options) => reader.latest(count, options).catch(() => [unchecked(reader.size - 1)]),
      };
    }),
  },
  {
    fault: "takes a failure for the end of the log",
    caughtBy: [
      "LOG-LIAR-07",
      "LOG-LIAR-11",
      "LOG-LIAR-12",
      "LOG-LIAR-15",
      "LOG-LIAR-17",
      "LOG-LIAR-18",
      "LOG-LIAR-19",
      "LOG-LIAR-20",
    ],
    core: readingWith((reader) => ({
      from: (...args) => afterFailure(reader.from(...args), () => []),
    })),
  },
  {
    fault: "forgets what it verified before",
    caughtBy: ["LOG-CATCHUP-03", "LOG-LIAR-13", "LOG-LIAR-14", "LOG-LIAR-17", "LOG-LIAR-18", "LOG-LIAR-21"],
    core: readingWith((_reader, { store: _store, ...options }) => ({
      sync: async (...args) => (await realCore.openReader(options)).sync(...args),
      async *from(...args) {
        yield* (await realCore.openReader(options)).from(...args);
      },
    })),
  },
  {
    fault: "keeps nothing in its store",
    caughtBy: ["LOG-RESUME-03", "LOG-LIAR-14", "LOG-LIAR-24"],
    core: openingWith(({ store: _store, ...options }) => options),
  },
  {
    fault: "ignores its floor",
    caughtBy: ["LOG-LIAR-15"],
    core: openingWith(({ floor: _floor, ...options }) => options),
  },
  {
    fault: "ignores its limits",
    caughtBy: ["LOG-LIAR-08", "LOG-LIAR-20"],
    core: openingWith(({ limits: _limits, ...options }) => options),
  },
  {
    fault: "asks its first remote alone",
    caughtBy: [
      "LOG-REMOTES-02",
      "LOG-REMOTES-03",
      "LOG-REMOTES-04",
      "LOG-LIAR-01",
      "LOG-LIAR-16",
      "LOG-LIAR-18",
      "LOG-LIAR-19",
      "LOG-LIAR-20",
      "LOG-LIAR-25",
    ],
    core: openingWith((options) => ({ ...options, remotes: options.remotes.slice(0, 1) })),
  },
  {
    fault: "gives evidence of forks that proves nothing",
    caughtBy: ["LOG-LIAR-21", "LOG-LIAR-22", "LOG-LIAR-23", "LOG-LIAR-24", "LOG-LIAR-25"],
    core: failingWith((error) => {
      if (!(error instanceof ForkError)) return error;
      const evidence = { ...error.evidence, smaller: error.evidence.larger };
      return new ForkError(error.message, { operation: error.operation, evidence });
    }),
  },
  {
    fault: "says that every failure is a passing one",
    caughtBy: ["LOG-LIAR-05", "LOG-LIAR-12", "LOG-LIAR-13", "LOG-LIAR-17", "LOG-LIAR-23", "LOG-LIAR-27"],
    core: failingWith((cause) =>
      isRemoteLogError(cause)
        ? new UnreachableError(cause.message, { operation: cause.operation, cause })
        : cause,
    ),
  },
  {
    fault: "continues after a fork as if nothing had been",
    caughtBy: ["LOG-LIAR-24"],
    core: readingWith((reader, { store: _store, ...options }) => {
      let current = reader;
      return {
        sync: (...args) =>
          current.sync(...args).catch(async (error: unknown) => {
            current = await realCore.openReader(options);
            throw error;
          }),
        entry: (...args) => current.entry(...args),
        from: (...args) => current.from(...args),
      };
    }),
  },
  {
    fault: "gives up for good after a failure",
    caughtBy: ["LOG-LIAR-10", "LOG-LIAR-13", "LOG-LIAR-19"],
    core: readingWith((reader) => {
      let failure: { readonly error: unknown } | undefined;
      return {
        async *from(...args) {
          if (failure !== undefined) throw failure.error;
          yield* afterFailure(reader.from(...args), (_delivered, error) => {
            failure = { error };
            throw error;
          });
        },
      };
    }),
  },
  {
    fault: "ignores signals",
    caughtBy: ["LOG-LIAR-20"],
    core: readingWith((reader) => ({ sync: () => reader.sync() })),
  },
  {
    fault: "reads on when nothing is new",
    caughtBy: ["LOG-CATCHUP-03"],
    core: readingWith((reader, { remotes, logId }) => ({
      async sync(options) {
        await remotes[0]!.names.resolve(logId);
        return reader.sync(options);
      },
    })),
  },
  {
    fault: "delivers an entry twice",
    caughtBy: [
      "LOG-PUBLISH-01",
      "LOG-PUBLISH-02",
      "LOG-PUBLISH-03",
      "LOG-RESUME-01",
      "LOG-CATCHUP-01",
      "LOG-CATCHUP-02",
      "LOG-CATCHUP-04",
    ],
    core: readingWith((reader) => ({
      from: (...args) => twice(reader.from(...args)),
      follow: (...args) => twice(reader.follow(...args)),
      latest: async (...args) => [...(await reader.latest(...args))].flatMap((entry) => [entry, entry]),
    })),
  },
  {
    fault: "shows the checkpoint of the remote that it read from",
    caughtBy: ["LOG-REMOTES-01", "LOG-COPY-03"],
    core: readingWith((reader, { remotes }) => ({
      get checkpoint() {
        return `${reader.checkpoint}${remotes[0]!.label}\n`;
      },
    })),
  },
];

async function* twice(stream: Entries): Entries {
  for await (const entry of stream) {
    yield entry;
    yield entry;
  }
}
