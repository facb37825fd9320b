// The life of a log: written, published, read, followed while it grows, mirrored. The same on every runtime.

import {
  memoryReaderStore,
  mirrorLog,
  openReader,
  openWriter,
  type Remote,
  type WriterOptions,
} from "@remote-log/core";

/** Where {@link wholeLife} happens. */
export interface Place {
  readonly seed: Uint8Array;
  readonly journal: WriterOptions["journal"];
  readonly remote: Remote;
  /** Another remote, to mirror to. */
  readonly other: Remote;
}

const ENTRIES = 40;

/** Lives through the life of a log, and says what was seen. Rejects if anything is not as it should be. */
export async function wholeLife({ seed, journal, remote, other }: Place): Promise<string> {
  const writer = await openWriter({
    journal,
    seed,
    remotes: [remote],
    publish: "manual",
    settings: { visibility: "public", leafSize: 8 },
  });
  await writer.appendAll(Array.from({ length: ENTRIES }, (_, i) => Uint8Array.of(i, 0xff)));
  await writer.publish();

  const reader = await openReader({
    logId: writer.logId,
    remotes: [remote],
    store: memoryReaderStore(),
    pollMilliseconds: 20,
  });
  const read: number[] = [];
  for await (const entry of reader.from(0)) read.push(entry.content[0]!);
  check(read.length === ENTRIES && read.every((value, i) => value === i), `read ${read.join(" ")}`);

  // A follower is waiting while an entry is appended, and leaves by a signal.
  const leaving = new AbortController();
  const followed: number[] = [];
  const following = (async () => {
    for await (const { sequence } of reader.follow({ cursor: "smoke", signal: leaving.signal })) {
      followed.push(sequence);
      if (sequence === ENTRIES) leaving.abort();
    }
  })().then(
    () => "ended",
    (error: unknown) => (error as Error).name,
  );
  const receipt = await writer.append(Uint8Array.of(ENTRIES));
  await writer.publish();
  await receipt.published();
  const left = await following;
  check(left === "AbortError", `the follower ${left}`);
  check(followed.length === ENTRIES + 1, `followed ${followed.length}`);

  const mirrored = await mirrorLog({ reader, to: other });
  check(mirrored.size === ENTRIES + 1 && mirrored.missingEntries === 0, `mirrored ${mirrored.size}`);
  const copy = await openReader({ logId: writer.logId, remotes: [other] });
  const [newest] = await copy.latest(1);
  check(newest?.sequence === ENTRIES, "the copy has not the newest entry");

  await copy.close();
  await reader.close();
  await writer.close();
  return `${read.length} read, ${followed.length} followed, ${mirrored.size} mirrored`;
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`It is not as it should be: ${otherwise}.`);
}
