// LOG-PUBLISH: what a writer publishes, another instance reads.

import { Address, type Remote } from "@remote-log/core";
import { check, equal, sameBytes } from "../../assert.ts";
import { lyingRemote } from "../../liar/index.ts";
import { collect, isWhole } from "./delivery.ts";
import type { LogCase } from "./log-case.ts";

/** The largest head that a case makes, in bytes. */
const LARGEST_HEAD = 3 * 2 ** 20;

/** What is published is read, by others, as it was written. */
export const publishCases: readonly LogCase[] = [
  {
    id: "LOG-PUBLISH-01",
    title: "what a writer publishes, another instance reads: everything, in order, once",
    requires: ["reopen"],
    async run(world) {
      const written = world.contents(5);
      const writer = await world.writer([world.remote]);
      for (const content of written) await writer.append(content);
      await writer.publish();
      await world.readsAll([await world.another()], writer.logId, written);
    },
  },
  {
    id: "LOG-PUBLISH-02",
    title:
      "small and large contents, and an empty one, embedded and pointed at, are read as they were written",
    requires: ["reopen"],
    async run(world) {
      const { content, limits } = world.context;
      const most = Math.min(world.remote.storage.capabilities.largestContent, limits.largestProbe, 200_000);
      const sizes = [0, 1, 31, 32, 33, 4096, most].filter((size) => size <= most);
      const written = sizes.map(content);
      const writer = await world.writer([world.remote]);
      await writer.appendAll(written);
      await writer.publish();
      await world.readsAll([await world.another()], writer.logId, written);
    },
  },
  {
    id: "LOG-PUBLISH-03",
    title: "a log that is published in batches is read whole after each of them",
    requires: ["reopen"],
    async run(world) {
      const written = world.contents(11);
      const writer = await world.writer([world.remote]);
      const other = await world.another();
      for (const size of [1, 2, 4, 5, 11]) {
        await writer.appendAll(written.slice(writer.size, size));
        await writer.publish();
        await world.readsAll([other], writer.logId, written.slice(0, size));
      }
    },
  },
  {
    id: "LOG-PUBLISH-04",
    title: "an entry is stored, then published, then confirmed",
    async run(world) {
      const writer = await world.writer([world.remote]);
      const receipt = await writer.append(world.context.content(100));
      await world.confirmed(writer);
      await receipt.stored();
      await receipt.published();
      await receipt.confirmed();
      const [status] = writer.status().remotes;
      equal([status?.stored, status?.published, status?.confirmed].join(), "1,1,1", "the stages");
    },
  },
  {
    id: "LOG-PUBLISH-05",
    title: "when a name changes, everything that it leads to is there for others already",
    requires: ["reopen"],
    async run(world) {
      const other = await world.another();
      const liar = lyingRemote(world.remote);
      let stored = 0;
      liar.lie = {
        async update({ honest, history }) {
          check(history.contents.size > stored, "nothing was stored before the name changed");
          stored = history.contents.size;
          await world.settled(() => holdsAll(other, history.contents));
          return honest();
        },
      };
      const writer = await world.writer([liar]);
      for (let batch = 0; batch < 3; batch++) {
        await writer.appendAll(world.contents(3));
        await writer.publish();
      }
      equal(liar.history.updates.length, 3, "number of updates");
    },
  },
  {
    id: "LOG-PUBLISH-06",
    title: "a head that is larger than a name can hold is read by way of the storage",
    requires: ["names"],
    async run(world) {
      const { content, limits, skip } = world.context;
      const { largestContent } = world.remote.names.capabilities;
      const size = largestContent + 1;
      const storable = world.remote.storage.capabilities.largestContent - 4096;
      const most = Math.min(storable, LARGEST_HEAD, limits.largestProbe);
      if (size > most) {
        skip(`largestContent of names is ${largestContent}, and this can be tried up to ${most - 1} here`);
      }
      const liar = lyingRemote(world.remote);
      const writer = await world.writer([liar], { largestEmbedded: size });
      const written = [content(size), content(12)];
      await writer.append(written[0]!);
      await writer.publish();
      const { updates, contents } = liar.history;
      check(updates[0]!.content.length <= largestContent, "the name was given more than it can hold");
      check(
        [...contents.values()].some((stored) => stored.length > size),
        "no head was put into the storage",
      );
      await world.readsAll([liar], writer.logId, written.slice(0, 1));
      await writer.append(written[1]!);
      await writer.publish();
      await world.readsAll([liar], writer.logId, written);
    },
  },
  {
    id: "LOG-PUBLISH-07",
    title: "a log without entries is published, and read as an empty one",
    async run(world) {
      const writer = await world.writer([world.remote]);
      await writer.publish();
      const reader = await world.reader([world.remote], writer.logId);
      await world.settled(async () => equal((await reader.sync()).size, 0, "the size"));
      isWhole(await collect(reader.from(0)), []);
    },
  },
];

async function holdsAll({ storage }: Remote, contents: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await Promise.all(
    [...contents].map(async ([address, content]) => {
      sameBytes(await storage.get(Address.fromString(address)), content, `the content at ${address}`);
    }),
  );
}
