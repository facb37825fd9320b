import { addressOf, type Remote, type StorageBackend } from "@remote-log/core";
import { MemoryLevel } from "memory-level";
import { beginningWith, type CoreMutant, writingWith } from "./log-core.ts";

/** Writers that forget, overwrite or promise too much. */
export const writerMutants: readonly CoreMutant[] = [
  {
    fault: "confirms what was appended",
    caughtBy: ["LOG-LIAR-26"],
    core: confirming((size) => size),
  },
  {
    fault: "confirms nothing",
    caughtBy: ["LOG-PUBLISH-04"],
    core: confirming(() => 0),
  },
  {
    fault: "overwrites whatever is under its name",
    caughtBy: ["LOG-DEVICE-01", "LOG-DEVICE-02", "LOG-DEVICE-03", "LOG-LIAR-30", "LOG-LIAR-32"],
    core: beginningWith((options) => ({ ...options, remotes: (options.remotes ?? []).map(overwriting) })),
  },
  {
    fault: "begins with an empty journal every time",
    caughtBy: ["LOG-RESUME-02", "LOG-CRASH-01", "LOG-CRASH-02", "LOG-LIAR-27"],
    core: beginningWith((options) => ({ ...options, journal: new MemoryLevel<Uint8Array, Uint8Array>() })),
  },
  {
    fault: "appends again what a failed publish may have lost",
    caughtBy: ["LOG-CRASH-03", "LOG-CRASH-04", "LOG-LIAR-28", "LOG-LIAR-29"],
    core: writingWith((writer) => {
      let last: readonly Uint8Array[] = [];
      return {
        append(content, options) {
          last = [content];
          return writer.append(content, options);
        },
        appendAll(contents, options) {
          last = contents;
          return writer.appendAll(contents, options);
        },
        publish: (options) =>
          writer.publish(options).catch(async (error: unknown) => {
            await writer.appendAll(last);
            throw error;
          }),
      };
    }),
  },
  {
    fault: "appends everything anew where its name shows nothing",
    caughtBy: ["LOG-LIAR-31"],
    core: writingWith((writer, { remotes = [] }) => {
      const all: Uint8Array[] = [];
      return {
        appendAll(contents, options) {
          all.push(...contents);
          return writer.appendAll(contents, options);
        },
        async publish(options) {
          const { status } = await remotes[0]!.names.resolve(writer.logId);
          if (status === "absent" && writer.status().remotes[0]!.published > 0) await writer.appendAll(all);
          return writer.publish(options);
        },
      };
    }),
  },
  {
    fault: "changes the name first, and stores what it leads to afterwards",
    // A writer that is started again finds what is missing, and puts it back.
    caughtBy: ["LOG-PUBLISH-05"],
    core: beginningWith((options) => ({ ...options, remotes: (options.remotes ?? []).map(nameFirst) })),
  },
  {
    fault: "takes any address for an answer to a put",
    caughtBy: ["LOG-LIAR-28"],
    core: beginningWith((options) => ({
      ...options,
      remotes: (options.remotes ?? []).map(({ storage, ...remote }) => ({
        ...remote,
        storage: {
          ...oneByOne(storage),
          async put(content, more) {
            await storage.put(content, more);
            return addressOf(content, storage.capabilities.hashTypes[0]!);
          },
        },
      })),
    })),
  },
  {
    fault: "takes any outcomes for those of its contents",
    caughtBy: ["LOG-LIAR-34"],
    core: beginningWith((options) => ({
      ...options,
      remotes: (options.remotes ?? []).map(({ storage, ...remote }) => ({
        ...remote,
        storage: {
          ...storage,
          async putMany(contents, more) {
            await storage.putMany!(contents, more);
            const type = storage.capabilities.hashTypes[0]!;
            return Promise.allSettled(contents.map((content) => addressOf(content, type)));
          },
        },
      })),
    })),
  },
  {
    fault: "waits for its remotes however long, whoever gives up",
    caughtBy: ["LOG-LIAR-33"],
    core: writingWith((writer) => ({ publish: () => writer.publish() })),
  },
  {
    fault: "keeps silent about a publish that failed",
    caughtBy: ["LOG-REMOTES-02", "LOG-DEVICE-02", "LOG-LIAR-30", "LOG-LIAR-32"],
    core: writingWith((writer) => ({ publish: (options) => writer.publish(options).catch(() => undefined) })),
  },
];

/** A storage that takes one content at a time. */
function oneByOne(storage: StorageBackend): StorageBackend {
  const alone = { ...storage };
  delete alone.putMany;
  return alone;
}

/** A core that says of another number of entries that they are confirmed. */
function confirming(confirmed: (size: number) => number): CoreMutant["core"] {
  return writingWith((writer) => ({
    status: () => {
      const { size, remotes } = writer.status();
      return { size, remotes: remotes.map((remote) => ({ ...remote, confirmed: confirmed(size) })) };
    },
  }));
}

/** A remote that shows a writer what it sent there itself, and nothing else, and takes every update. */
function overwriting({ names, ...remote }: Remote): Remote {
  let sent = "";
  return {
    ...remote,
    names: {
      ...names,
      async resolve(name, options) {
        const resolution = await names.resolve(name, options);
        if (resolution.status === "found" && resolution.content.join() !== sent) return { status: "absent" };
        return resolution;
      },
      async update(name, content, options) {
        sent = content.join();
        const held = await names.resolve(name);
        return names.update(name, content, {
          ...options,
          expected: held.status === "found" ? held.revision : null,
        });
      },
    },
  };
}

/** A remote whose puts are carried out once the name was updated. */
function nameFirst({ storage, names, ...remote }: Remote): Remote {
  const waiting: Uint8Array[] = [];
  return {
    ...remote,
    storage: {
      ...oneByOne(storage),
      put(content) {
        waiting.push(content);
        return addressOf(content, storage.capabilities.hashTypes[0]!);
      },
    },
    names: {
      ...names,
      async update(...args) {
        const revision = await names.update(...args);
        for (const content of waiting.splice(0)) await storage.put(content);
        return revision;
      },
    },
  };
}
