// What a log costs by how many messages are published together.

import { openReader, openWriter } from "@remote-log/core";
import { useEnvironment } from "@remote-log/core/environment";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { bodyOf } from "../devices/message.ts";
import { newDatabase } from "../devices/new-database.ts";
import { Tally } from "../figures/tally.ts";
import type { CostModel } from "../services/cost-models.ts";
import { ModelledService, type Use, type User } from "../services/modelled-remote.ts";
import type { Run } from "./run.ts";

/** One run. */
export interface PublishRunOptions {
  readonly seed: number;
  readonly model: CostModel;
  readonly payloadBytes: number;
  /** How many messages are published together. */
  readonly together: number;
  /** How many messages the log has when counting begins, and how many are counted. */
  readonly before: number;
  readonly messages: number;
  readonly visibility: "private" | "public";
}

/** A writer that publishes, and a reader that reads each publish. */
export async function runPublish(options: PublishRunOptions): Promise<Run> {
  const { seed, model, payloadBytes, together, before, messages, visibility } = options;
  const clock = new VirtualClock(seed);
  const tally = new Tally(payloadBytes, 1);
  const service = new ModelledService(clock, model);
  const userOf = (owns: boolean): User => ({
    owns,
    isOnline: () => true,
    used: (use) => count(clock, tally, use),
  });
  const work = async (): Promise<void> => {
    const writer = await openWriter({
      seed: clock.stream("secrets").bytes(32),
      journal: newDatabase(),
      remotes: [service.remoteOf(userOf(true))],
      publish: "manual",
      settings: { visibility },
    });
    const append = async (count: number): Promise<void> => {
      const from = writer.size;
      await writer.appendAll(Array.from({ length: count }, (_, i) => bodyOf(from + i, payloadBytes)));
      for (let i = from; i < writer.size; i++) tally.deliveries.sent(`${i}`, clock.elapsed);
      await writer.publish();
    };
    await append(before);
    const { logId, readKey: key } = writer;
    const reader = await openReader({ logId, key, remotes: [service.remoteOf(userOf(false))] });
    const read = async (from: number): Promise<void> => {
      for await (const { sequence } of reader.from(from))
        tally.deliveries.arrived(`${sequence}`, clock.elapsed);
    };
    await read(0);
    const storedBefore = service.storedBytes;
    tally.reset();
    for (let done = 0; done < messages; done += together) {
      const from = writer.size;
      await append(together);
      await read(from);
    }
    tally.storedBytes = service.storedBytes - storedBefore;
    await Promise.all([reader.close(), writer.close()]);
  };
  const giveBack = useEnvironment(clock);
  try {
    await clock.runWhile(work());
  } finally {
    giveBack();
  }
  return { tallies: [tally], elapsed: clock.elapsed, trace: clock.trace.digest };
}

function count(
  clock: VirtualClock,
  tally: Tally,
  { kind, writes, requests, contentBytes, otherBytes }: Use,
): void {
  clock.trace.note(clock.elapsed, kind, contentBytes, otherBytes);
  tally.bytes.add(kind, contentBytes);
  tally.bytes.add("header", otherBytes);
  if (writes) tally.writes += requests;
  else {
    tally.reads += requests;
    tally.readBytes += contentBytes;
  }
}
