import { openLink } from "./link.mjs";
import { BATCH, ENTRIES, LATENCIES, ONE_BY_ONE, PAYLOAD_BYTES } from "./payloads.mjs";

/**
 * Entries appended one by one, and in batches, each to a new log; after some that don't count, for code that is cold.
 *
 * @param how - whether what is appended is on the disk: `"with fsync"`
 * @param open - opens a new log, with `append` of one payload and `appendAll` of several
 * @param batches - whether it has such a thing
 */
export async function appends({ figure, payloads }, how, open, batches = true) {
  const contents = payloads(ENTRIES);
  const oneByOne = async ({ append }, values) => {
    for (const value of values) await append(value);
  };
  const inBatches = async ({ appendAll }, values) => {
    for (let at = 0; at < values.length; at += BATCH) await appendAll(values.slice(at, at + BATCH));
  };
  for (const [name, work, count] of [
    ["append one by one", oneByOne, ONE_BY_ONE],
    ["append in batches", inBatches, ENTRIES],
  ]) {
    if (work === inBatches && !batches) continue;
    await figure(`${name}, ${how}`, async () => {
      const warm = await open();
      await work(warm, contents.slice(0, count / 2));
      await warm.close();
      const log = await open();
      const found = await taken(() => work(log, contents.slice(0, count)));
      await log.close();
      return {
        [`${name}, ${how}`]: count / found.seconds,
        [`${name}, ${how}, processor µs`]: (found.cpuSeconds * 1e6) / count,
      };
    });
  }
}

/** Seconds that some work takes, by the clock and of the processor. */
export async function taken(work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

/**
 * Reads by a reader that has nothing, over a link of each latency. A first one does not count, since its code is cold.
 *
 * @param name - what the figures are called
 * @param count - how many entries come
 * @param target - the port of whoever has the log
 * @param read - connects to a port, and resolves once everything is there, with a function that ends what it began
 */
export async function overLinks({ figure }, { name, count, target, read, warm = true }) {
  const over = async (latency) => {
    const link = await openLink(target, latency);
    let end;
    const found = await taken(async () => {
      end = await read(link.port);
    });
    const bytes = link.bytes();
    await end();
    await link.close();
    return { ...found, bytes };
  };
  if (warm) await figure(`${name}, warm-up`, async () => ({ [`${name}, warm-up`]: (await over(0)).seconds }));
  for (const latency of LATENCIES) {
    await figure(`${name}, ${latency} ms`, async () => {
      const { seconds, cpuSeconds, bytes } = await over(latency);
      return {
        [`${name}, ${latency} ms`]: seconds,
        ...(latency === 0 && {
          [`${name}, processor s`]: cpuSeconds,
          [`${name}, bytes on the wire ÷ payload`]: bytes / (count * PAYLOAD_BYTES),
        }),
      };
    });
  }
}
