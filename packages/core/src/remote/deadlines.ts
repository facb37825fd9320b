// Deadlines around every request to a remote.

import { withDeadline } from "../async/deadline.ts";
import { anySignal } from "../async/signals.ts";
import type { NameResolver } from "./name-resolver.ts";
import type { Remote } from "./remote.ts";
import type { OperationOptions, StorageBackend } from "./storage-backend.ts";

/** How long one request to a backend may take by default, in milliseconds. */
export const REQUEST_MILLISECONDS = 60_000;

/** The slowest upload that is waited for. */
const UPLOAD_BYTES_PER_MILLISECOND = 32;

/** How long requests may take, and whose they are. */
interface Patience {
  readonly milliseconds: number;
  /** How long an update of a name may take. Default: the same. */
  readonly updateMilliseconds?: number;
  /** Label of the remote, for the error. */
  readonly label: string;
}

/**
 * The same remote with a deadline for every request: a backend that never answers, or answers byte by byte, cannot hold a
 * reader or a writer longer, even if it ignores the signal.
 */
export function withDeadlines(remote: Remote, milliseconds: number): Remote {
  const patience = { milliseconds, label: remote.label };
  return {
    ...remote,
    storage: storageWithDeadlines(remote.storage, patience),
    names: namesWithDeadlines(remote.names, patience),
  };
}

/** The same for a writer: unless it was given a time, an update may take as long as its name system says that it needs. */
export function withWriterDeadlines(remote: Remote, milliseconds: number | undefined): Remote {
  if (milliseconds !== undefined)
    return withWriting(withDeadlines(remote, milliseconds), remote, milliseconds);
  const patience = { milliseconds: REQUEST_MILLISECONDS, label: remote.label };
  const updateMilliseconds = Math.max(
    REQUEST_MILLISECONDS,
    remote.names.capabilities.updateMilliseconds ?? 0,
  );
  const limitedRemote = {
    ...withDeadlines(remote, REQUEST_MILLISECONDS),
    names: namesWithDeadlines(remote.names, { ...patience, updateMilliseconds }),
  };
  return withWriting(limitedRemote, remote, REQUEST_MILLISECONDS);
}

// What a writer alone does: it stores several contents at once, and takes contents away.
function withWriting(limitedRemote: Remote, { storage, label }: Remote, milliseconds: number): Remote {
  const patience = { milliseconds, label };
  return {
    ...limitedRemote,
    storage: {
      ...limitedRemote.storage,
      ...(storage.putMany && {
        putMany: (contents, options) => {
          const bytes = contents.reduce((sum, { length }) => sum + length, 0);
          return limited("storage.putMany", forUpload(patience, bytes), options, (signal) =>
            storage.putMany!(contents, { ...options, signal }),
          );
        },
      }),
      ...(storage.delete && {
        delete: (address, options) =>
          limited("storage.delete", patience, options, (signal) =>
            storage.delete!(address, { ...options, signal }),
          ),
      }),
      ...(storage.release && {
        release: (address, options) =>
          limited("storage.release", patience, options, (signal) =>
            storage.release!(address, { ...options, signal }),
          ),
      }),
    },
  };
}

/** {@link withDeadlines} for a storage alone. An upload gets more time, by its length. */
export function storageWithDeadlines(storage: StorageBackend, patience: Patience): StorageBackend {
  return {
    name: storage.name,
    capabilities: storage.capabilities,
    put: (content, options) =>
      limited("storage.put", forUpload(patience, content.length), options, (signal) =>
        storage.put(content, { ...options, signal }),
      ),
    get: (address, options) =>
      limited("storage.get", patience, options, (signal) => storage.get(address, { ...options, signal })),
    has: (address, options) =>
      limited("storage.has", patience, options, (signal) => storage.has(address, { ...options, signal })),
    ...(storage.list && {
      list: (options) => limitedSteps(storage.list!.bind(storage), patience, options),
    }),
  };
}

/** {@link withDeadlines} for a name system alone. */
export function namesWithDeadlines(names: NameResolver, patience: Patience): NameResolver {
  return {
    name: names.name,
    capabilities: names.capabilities,
    update: (name, content, options) => {
      const milliseconds = patience.updateMilliseconds ?? patience.milliseconds;
      return limited("names.update", { ...patience, milliseconds }, options, (signal) =>
        names.update(name, content, { ...options, signal }),
      );
    },
    resolve: (name, options) =>
      limited("names.resolve", patience, options, (signal) => names.resolve(name, { ...options, signal })),
    ...(names.probeCompareAndSet && {
      probeCompareAndSet: (options) =>
        limited("names.probe", patience, options, (signal) =>
          names.probeCompareAndSet!({ ...options, signal }),
        ),
    }),
    ...(names.watch && { watch: names.watch.bind(names) }),
  };
}

function forUpload(patience: Patience, bytes: number): Patience {
  return { ...patience, milliseconds: patience.milliseconds + bytes / UPLOAD_BYTES_PER_MILLISECOND };
}

// A list may take long, and each step of it no longer than a request.
async function* limitedSteps<T>(
  list: (options: OperationOptions) => AsyncIterable<T>,
  patience: Patience,
  options: OperationOptions | undefined,
): AsyncGenerator<T, void, undefined> {
  const linked = anySignal(options?.signal);
  const steps = list({ signal: linked.signal })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await limited("storage.list", patience, options, () => steps.next());
      if (step.done) return;
      yield step.value;
    }
  } finally {
    linked.abort();
    // One that still works on a step ends when it answers: nobody waits for that.
    steps.return?.().catch(() => undefined);
  }
}

function limited<T>(
  operation: string,
  { milliseconds, label }: Patience,
  options: OperationOptions | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDeadline({ milliseconds, operation, backend: label, signal: options?.signal }, work);
}
