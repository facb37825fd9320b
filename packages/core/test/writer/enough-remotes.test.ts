// A log that counts as published once some of its remotes have it.

import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  DeniedError,
  generateSeed,
  openReader,
  openWriter,
  type Remote,
  UnreachableError,
  type Writer,
  type WriterOptions,
} from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { readCold, text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { type Around, wrapRemote } from "./wrapped-remote.ts";

type Mode = "up" | "down" | "denied" | "silent";

/** A remote that answers, fails, refuses, or never answers. */
class Switched {
  readonly inner: Remote;
  readonly remote: Remote;
  mode: Mode = "up";
  readonly #silent: (() => void)[] = [];

  constructor(label: string) {
    this.inner = memoryRemote({ label });
    const around: Around = async (_, proceed) => {
      if (this.mode === "down") throw new UnreachableError("No answer.", { operation: "test" });
      if (this.mode === "denied") throw new DeniedError("403", { operation: "test" });
      if (this.mode === "silent") await new Promise<void>((resolve) => this.#silent.push(resolve));
      return proceed();
    };
    this.remote = wrapRemote(this.inner, around);
  }

  /** Answers what it was asked in silence, and everything from now on. */
  speak(): void {
    this.mode = "up";
    for (const answer of this.#silent.splice(0)) answer();
  }
}

const three = (): [Switched, Switched, Switched] => [
  new Switched("one"),
  new Switched("two"),
  new Switched("three"),
];

/** A writer to three remotes, which has looked at all of them. */
async function writerTo(remotes: readonly Switched[], options: Partial<WriterOptions> = {}): Promise<Writer> {
  const writer = await openWriter({
    ...tiny,
    seed: generateSeed(),
    journal: new PowerCutDatabase(),
    remotes: remotes.map(({ remote }) => remote),
    ...options,
  });
  await writer.append(text("first"));
  await writer.publish();
  return writer;
}

const published = (writer: Writer): number[] => writer.status().remotes.map((remote) => remote.published);

test.each(["down", "denied"] as const)(
  "two of three are enough: a publish resolves with one %s, and with two it tells",
  async (mode) => {
    const [one, two, other] = three();
    const writer = await writerTo([one, two, other], { publishedWhen: 2 });
    one.mode = mode;
    const receipt = await writer.append(text("second"));
    await writer.publish();
    await receipt.published();
    expect(published(writer)).toEqual([1, 2, 2]);
    await writer.publish({ othersMilliseconds: 60_000 });
    const code = mode === "down" ? "ERR_UNREACHABLE" : "ERR_DENIED";
    expect(writer.status().remotes[0]).toMatchObject({ error: { code }, failingSince: expect.any(Number) });
    two.mode = mode;
    await writer.append(text("third"));
    expect(await failure(writer.publish())).toMatchObject({ code });
    expect(published(writer)).toEqual([1, 2, 3]);
    one.speak();
    two.speak();
    await writer.publish({ othersMilliseconds: 60_000 });
    for (const { inner } of [one, two, other]) {
      expect(await readCold(writer.logId, inner)).toEqual(["first", "second", "third"]);
    }
    await writer.close();
  },
);

test("one that never answers holds nobody up, gets what it lacks when it answers, and ends with the writer", async () => {
  const [one, two, other] = three();
  const writer = await writerTo([one, two, other], { publishedWhen: 2 });
  other.mode = "silent";
  await writer.append(text("second"));
  await writer.publish();
  expect(published(writer)).toEqual([2, 2, 1]);
  const statuses = writer.watch();
  await statuses.next();
  other.speak();
  for await (const { remotes } of statuses) if (remotes[2]!.published === 2) break;
  expect(await readCold(writer.logId, other.inner)).toEqual(["first", "second"]);
  other.mode = "silent";
  await writer.append(text("third"));
  await writer.publish();
  await writer.close();
  other.speak();
  expect(await readCold(writer.logId, other.inner)).toEqual(["first", "second"]);
});

test("the others are waited for as long as is said, and no longer", async () => {
  const [one, two, other] = three();
  const writer = await writerTo([one, two, other], { publishedWhen: 1 });
  other.mode = "silent";
  await writer.append(text("second"));
  const answers = setTimeout(() => other.speak(), 50);
  await writer.publish({ othersMilliseconds: 60_000 });
  clearTimeout(answers);
  expect(published(writer)).toEqual([2, 2, 2]);
  other.mode = "silent";
  await writer.append(text("third"));
  await writer.publish({ othersMilliseconds: 20 });
  expect(published(writer)).toEqual([3, 3, 2]);
  await writer.close();
});

test("a signal ends the publish of all remotes before enough have it, and of none after", async () => {
  const [one, two, other] = three();
  const writer = await writerTo([one, two, other], { publishedWhen: 2 });
  two.mode = "silent";
  other.mode = "silent";
  await writer.append(text("second"));
  const controller = new AbortController();
  const reason = new Error("no time");
  const publish = failure(writer.publish({ signal: controller.signal }));
  controller.abort(reason);
  expect(await publish).toBe(reason);
  two.speak();
  const next = new AbortController();
  await writer.publish({ signal: next.signal });
  next.abort(reason);
  other.speak();
  for await (const { remotes } of writer.watch()) if (remotes[2]!.published === 2) break;
  await writer.close();
});

test("what contradicts this journal is told at once, however many remotes have everything", async () => {
  const seed = generateSeed();
  const [one, two, other] = three();
  const writer = await writerTo([one, two, other], { seed, publishedWhen: 2 });
  const second = await openWriter({
    ...tiny,
    seed,
    journal: new PowerCutDatabase(),
    logId: writer.logId,
    forRecovery: true,
    remotes: [one.remote],
  });
  await second.recover();
  await second.append(text("of the other device"));
  await second.publish();
  await writer.append(text("second"));
  expect(await failure(writer.publish({ othersMilliseconds: 60_000 }))).toMatchObject({
    code: expect.stringMatching(/^ERR_(CONFLICT|RESTORED)$/),
  });
  await writer.close();
  await second.close();
});

test("in the background, one that fails is tried again, at a time that is told; a new process does what is left", async () => {
  const [one, two, other] = three();
  const journal = new PowerCutDatabase();
  const seed = generateSeed();
  const settings = { publish: "auto", publishedWhen: 2, seed } as const;
  const writer = await writerTo([one, two, other], { ...settings, journal });
  one.mode = "down";
  const receipt = await writer.append(text("second"));
  await receipt.published();
  await receipt.published({ remotes: 2 });
  for await (const { remotes } of writer.watch()) if (remotes[0]!.nextTryAt !== undefined) break;
  expect(writer.status().remotes[0]!.nextTryAt).toBeGreaterThan(writer.status().remotes[0]!.failingSince!);
  await writer.close();
  one.speak();
  const again = await openWriter({
    ...tiny,
    ...settings,
    journal: new PowerCutDatabase(journal.afterPowerCut(journal.unsynced)),
    remotes: [one, two, other].map(({ remote }) => remote),
  });
  await again.published({ remotes: "all" });
  expect(again.status().remotes[0]).not.toHaveProperty("nextTryAt");
  expect(await readCold(again.logId, one.inner)).toEqual(["first", "second"]);
  await again.close();
});

test("what was asked of each remote is counted", async () => {
  const [one, two, other] = three();
  const writer = await writerTo([one, two, other]);
  const before = writer.status().remotes.map(({ traffic }) => traffic);
  for (const traffic of before) expect(traffic).toEqual(before[0]);
  expect(before[0]).toMatchObject({ deletes: 0, writes: expect.any(Number), reads: expect.any(Number) });
  await writer.append(new Uint8Array(2000));
  await writer.publish();
  const [after] = writer.status().remotes.map(({ traffic }) => traffic);
  // The content, its page, and the head.
  expect(after!.writes - before[0]!.writes).toBeGreaterThanOrEqual(2);
  expect(after!.bytesWritten - before[0]!.bytesWritten).toBeGreaterThan(2000);
  expect(after!.bytesRead).toBeGreaterThan(before[0]!.bytesRead);
  expect(before[0]!.writes).toBeLessThan(after!.writes);
  await writer.close();
});

test("a number of remotes that can't be is refused", async () => {
  const [one, two] = three();
  const options = { ...tiny, seed: generateSeed(), journal: new PowerCutDatabase() };
  const remotes = [one.remote, two.remote];
  for (const publishedWhen of [0, 3, 1.5, Number.NaN, -1]) {
    const opening = openWriter({ ...options, remotes, publishedWhen });
    expect(await failure(opening)).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  expect(await failure(openWriter({ ...options, publishedWhen: 1 }))).toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  const writer = await openWriter({ ...options, remotes, publishedWhen: 2 });
  const receipt = await writer.append(text("a"));
  for (const number of [0, 3, 1.5, Number.NaN]) {
    expect(await failure(receipt.published({ remotes: number }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
    expect(await failure(writer.published({ remotes: number }))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  for (const othersMilliseconds of [-1, 0.5, Number.NaN, 2 ** 31]) {
    expect(await failure(writer.publish({ othersMilliseconds }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
  }
  await writer.close();
  expect(await failure(writer.watch().next())).toMatchObject({ code: "ERR_CLOSED" });
});

// Of three remotes, any two fail in any way, and readers have everything.
const harms = {
  dies: ({ inner }: Switched): Remote =>
    wrapRemote(inner, async () => {
      throw new UnreachableError("No answer.", { operation: "test" });
    }),
  lies: ({ inner }: Switched): Remote =>
    wrapRemote(inner, async (call, proceed) => {
      const answer = await proceed();
      if (call.kind !== "get") return answer;
      const wrong = new Uint8Array(answer as Uint8Array);
      wrong[wrong.length >> 1]! ^= 1;
      return wrong as never;
    }),
  emptied: ({ inner }: Switched): Remote => memoryRemote({ label: inner.label }),
};

test("any two of three may die, lie, lag, or be emptied: a reader gets everything, and nothing else", async () => {
  const places = three();
  const [one, two, other] = places;
  const writer = await writerTo(places, { publishedWhen: 1 });
  const contents = ["first", ...Array.from({ length: 20 }, (_, i) => `entry ${i}`)];
  for (const content of contents.slice(1)) await writer.append(text(content));
  for (const whole of places) {
    for (const place of places) place.speak();
    const lagging = places.filter((place) => place !== whole);
    for (const place of lagging) place.mode = "down";
    await writer.append(text(`only on ${whole.inner.label}`));
    contents.push(`only on ${whole.inner.label}`);
    await writer.publish();
    const kinds = [...Object.values(harms), ({ inner }: Switched) => inner];
    for (const first of kinds) {
      for (const second of kinds) {
        const harmed = [first(lagging[0]!), second(lagging[1]!)];
        const remotes = [harmed[0]!, whole.inner, harmed[1]!];
        const reader = await openReader({ logId: writer.logId, remotes });
        const read: string[] = [];
        for await (const { content } of reader.from(0)) read.push(textOf(content));
        await reader.close();
        expect(read).toEqual(contents);
      }
    }
  }
  expect([one, two, other]).toHaveLength(3);
  await writer.close();
});
