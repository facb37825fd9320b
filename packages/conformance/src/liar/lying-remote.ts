// A remote in front of another one, which lies if it is told to.

import type { Address, NameResolver, OperationOptions, Remote, StorageBackend } from "@remote-log/core";
import type { HonestAnswer, LiarCall, LiarHistory, Lie, PastUpdate, PutCall } from "./lie.ts";

/** A remote that lies when it is told to. */
export interface LyingRemote extends Remote {
  /** The lie that it tells at present; it may be changed at any time. `{}` makes it honest. */
  lie: Lie;
  /** What went through it so far. */
  readonly history: LiarHistory;
}

/**
 * Wraps a remote in a liar, to try what a reader or writer makes of a storage and a name system that forge, forget,
 * roll back or withhold. What it is not told to lie about it passes on to the real adapter, and every lie about bytes
 * is made of what the adapter really returned: its own input and output stay in play.
 *
 * It keeps all that is stored through it in memory, so it is for tests. It has no `close`: what it wraps belongs to
 * whoever opened it.
 *
 * @param remote - the remote to wrap; the liar has its label and name
 * @param lie - the first lie; default `{}`, none
 */
export function lyingRemote(remote: Remote, lie: Lie = {}): LyingRemote {
  const calls: LiarCall[] = [];
  const contents = new Map<string, Uint8Array>();
  const updates: PastUpdate[] = [];
  const history: LiarHistory = { calls, contents, updates };
  const liar = { ...remote, lie, history };
  const asked = <T>(honest: () => Promise<T>): HonestAnswer<T> => ({ honest, remote, history });
  const note = <C extends LiarCall>(call: C): C => {
    calls.push(call);
    return call;
  };
  return Object.assign(liar, {
    storage: storageOf(remote.storage),
    names: namesOf(remote.names),
  });

  function putOf(storage: StorageBackend, content: Uint8Array, options: OperationOptions): PutCall {
    const honest = asked(async () => {
      const address = await storage.put(content, options);
      keep(address, content);
      return address;
    });
    return { operation: "put", content: new Uint8Array(content), options, ...honest };
  }

  function keep(address: Address, content: Uint8Array): void {
    contents.set(String(address), new Uint8Array(content));
  }

  function storageOf(storage: StorageBackend): StorageBackend {
    return {
      name: storage.name,
      capabilities: storage.capabilities,
      async put(content, options = {}) {
        const call = note(putOf(storage, content, options));
        return (await liar.lie.put?.(call)) ?? call.honest();
      },
      ...(storage.putMany && {
        async putMany(given, options = {}) {
          const honest = asked(async () => {
            const outcomes = await storage.putMany!(given, options);
            for (const [i, outcome] of outcomes.entries())
              if (outcome.status === "fulfilled") keep(outcome.value, given[i]!);
            return outcomes;
          });
          const copies = given.map((content) => new Uint8Array(content));
          const call = note({ operation: "putMany", contents: copies, options, ...honest });
          const { put, putMany } = liar.lie;
          if (putMany !== undefined) return putMany(call);
          if (put === undefined) return call.honest();
          return Promise.allSettled(given.map((content) => put(putOf(storage, content, options))));
        },
      }),
      async get(address, options = {}) {
        const honest = asked(() => storage.get(address, options));
        const call = note({ operation: "get", address, options, ...honest });
        return (await liar.lie.get?.(call)) ?? call.honest();
      },
      async has(address, options = {}) {
        const honest = asked(() => storage.has(address, options));
        const call = note({ operation: "has", address, options, ...honest });
        return (await liar.lie.has?.(call)) ?? call.honest();
      },
      ...(storage.delete && { delete: storage.delete.bind(storage) }),
      ...(storage.release && { release: storage.release.bind(storage) }),
      ...(storage.list && { list: storage.list.bind(storage) }),
    };
  }

  function namesOf(names: NameResolver): NameResolver {
    return {
      name: names.name,
      capabilities: names.capabilities,
      async update(name, content, options) {
        const honest = asked(async () => {
          const revision = await names.update(name, content, options);
          updates.push({ name, content: new Uint8Array(content), revision });
          return revision;
        });
        const call = note({
          operation: "update",
          name,
          content: new Uint8Array(content),
          options,
          ...honest,
        });
        return (await liar.lie.update?.(call)) ?? call.honest();
      },
      async resolve(name, options = {}) {
        const honest = asked(() => names.resolve(name, options));
        const call = note({ operation: "resolve", name, options, ...honest });
        return (await liar.lie.resolve?.(call)) ?? call.honest();
      },
      ...(names.probeCompareAndSet && { probeCompareAndSet: names.probeCompareAndSet.bind(names) }),
      ...(names.watch && { watch: names.watch.bind(names) }),
    };
  }
}
