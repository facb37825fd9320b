import { memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  memoryReaderStore,
  openReader,
  openWriter,
  type Reader,
  type Remote,
  UnreachableError,
  type Writer,
} from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { readCold, SignedRoots, text, textOf } from "./log-contents.ts";
import { looseNames } from "./loose-names.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { ProcessLife } from "./process-life.ts";
import { type Around, wrapRemote } from "./wrapped-remote.ts";

const seed = new Uint8Array(32).fill(3);
type Disk = Map<string, Uint8Array>;

async function open(
  remotes: readonly Remote[],
  disk?: Disk,
  life?: ProcessLife,
): Promise<[Writer, PowerCutDatabase]> {
  const journal = new PowerCutDatabase(disk, life);
  return [await openWriter({ ...tiny, seed, journal, remotes }), journal];
}

const copy = (journal: PowerCutDatabase): Disk => journal.afterPowerCut(journal.unsynced);
const letters = (value: string): Uint8Array[] =>
  [...value].map((letter) => text(`${letter}, and so on and on`));

async function own(writer: Writer): Promise<string> {
  let contents = "";
  for await (const { content } of writer.entries()) contents += textOf(content)[0];
  return contents;
}

async function read(writer: Writer, remote: Remote): Promise<string> {
  return (await readCold(writer.logId, remote)).map((content) => content[0]).join("");
}

/** A log of which a backup was taken at "abc"; then "de" was published. The backup has "xy" that was not. */
async function restored(remote: Remote): Promise<{ disk: Disk; reader: Reader; published: string }> {
  const [writer, journal] = await open([remote]);
  await writer.appendAll(letters("abc"));
  await writer.publish();
  const backup = copy(journal);
  const reader = await openReader({ logId: writer.logId, remotes: [remote], store: memoryReaderStore() });
  await writer.appendAll(letters("defgh"));
  await writer.publish();
  await reader.sync();
  const [late, lateJournal] = await open([remote], backup);
  await late.appendAll(letters("xy"));
  return { disk: copy(lateJournal), reader, published: "abcdefgh" };
}

const kinds: Record<string, () => Remote> = {
  "compare-and-set": () => memoryRemote({ label: "one" }),
  "no compare-and-set": () => ({ label: "one", storage: memoryStorage(), names: looseNames() }),
};

test.each(Object.keys(kinds))(
  "a restored backup signs nothing until recover(); then it has all entries, its own behind them (%s)",
  async (kind) => {
    const remote = kinds[kind]!();
    const { disk, reader, published } = await restored(remote);
    const signed = new SignedRoots();
    const watch: Around = (call, proceed) => {
      if (call.kind === "update") signed.add(call.content!);
      return proceed();
    };
    const [writer, journal] = await open([wrapRemote(remote, watch)], disk);
    expect(await failure(writer.publish())).toMatchObject({ code: "ERR_RESTORED", local: 5, published: 8 });
    expect(await failure(writer.publish())).toMatchObject({ code: "ERR_RESTORED" });
    expect(signed.sizes).toEqual([]);
    expect(await own(writer)).toBe("abcxy");
    expect(await writer.recover()).toEqual({ recovered: 5, appendedAnew: 2, size: 10 });
    expect(await own(writer)).toBe(`${published}xy`);
    await writer.appendAll(letters("z"));
    await writer.publish();
    await reader.sync();
    expect(await read(writer, remote)).toBe(`${published}xyz`);
    const [again] = await open([remote], copy(journal));
    expect(await own(again)).toBe(`${published}xyz`);
    await again.publish();
  },
);

test("recover() with an empty journal and the seed alone brings back the whole log", async () => {
  const remote = kinds["compare-and-set"]!();
  const { reader, published } = await restored(remote);
  const [writer] = await open([remote]);
  expect(await writer.recover()).toEqual({ recovered: 8, appendedAnew: 0, size: 8 });
  await writer.appendAll(letters("z"));
  await writer.publish();
  await reader.sync();
  expect(await read(writer, remote)).toBe(`${published}z`);
});

test("recover() where nothing is missing changes nothing, and can be called twice", async () => {
  const remote = kinds["compare-and-set"]!();
  const [writer] = await open([remote]);
  await writer.appendAll(letters("abc"));
  expect(await writer.recover()).toEqual({ recovered: 0, appendedAnew: 0, size: 3 });
  await writer.publish();
  await writer.appendAll(letters("d"));
  const results = await Promise.all([writer.recover(), writer.recover()]);
  expect(results).toEqual(Array(2).fill({ recovered: 0, appendedAnew: 0, size: 4 }));
  await writer.publish();
  expect(await read(writer, remote)).toBe("abcd");
});

test("a recover() interrupted at any step, and called again, loses and doubles no entry", async () => {
  const make = async (): Promise<{ remote: Remote; disk: Disk; reader: Reader; published: string }> => {
    const remote = kinds["compare-and-set"]!();
    return { remote, ...(await restored(remote)) };
  };
  let steps = 1;
  for (let at = 0; at < steps; at++) {
    for (const spared of [0, 100]) {
      const { remote, disk, reader, published } = await make();
      const life = new ProcessLife(at);
      const dying = new PowerCutDatabase(disk, life);
      const around: Around = (_, proceed) => life.effect(proceed);
      await life.run(async () => {
        const writer = await openWriter({
          ...tiny,
          seed,
          journal: dying,
          remotes: [wrapRemote(remote, around)],
        });
        await writer.recover();
      });
      steps = Math.max(steps, life.dead ? at + 2 : 0);
      if (!life.dead) steps = at;
      life.kill();
      const [writer] = await open([remote], dying.afterPowerCut(Math.min(spared, dying.unsynced)));
      const finished = await writer.publish().then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: "ERR_RESTORED" });
          return false;
        },
      );
      if (!finished) await writer.recover();
      expect(await own(writer)).toBe(`${published}xy`);
      await writer.publish();
      await reader.sync();
      expect(await read(writer, remote)).toBe(`${published}xy`);
    }
  }
  expect(steps).toBeGreaterThan(15);
});

/** A recovery that failed when the journal's own entries were aside: the contents did not come. */
async function unfinished(): Promise<{
  remote: Remote;
  writer: Writer;
  disk: Disk;
  waiting: Promise<unknown>;
}> {
  const remote = kinds["compare-and-set"]!();
  let failing = false;
  const around: Around = async (call, proceed) => {
    if (call.kind === "get" && failing) throw new UnreachableError("No answer.", { operation: "test" });
    return proceed();
  };
  const { disk } = await restored(remote);
  const [writer, journal] = await open([wrapRemote(remote, around)], disk);
  let waiting: Promise<unknown> = Promise.resolve();
  journal.onWrite = (operations) => {
    if (!operations.some(({ key }) => textOf(key) === "v") || failing) return;
    failing = true;
    waiting = failure(writer.append(text("handed in meanwhile")));
  };
  expect(await failure(writer.recover())).toMatchObject({ code: "ERR_UNREACHABLE" });
  failing = false;
  journal.onWrite = () => undefined;
  return { remote, writer, disk: copy(journal), waiting };
}

test("an unfinished recovery refuses appends and publishes with ERR_RESTORED until it is finished", async () => {
  const { remote, writer, disk, waiting } = await unfinished();
  expect(await waiting).toMatchObject({ code: "ERR_RESTORED" });
  expect(await failure(writer.append(text("no")))).toMatchObject({ code: "ERR_RESTORED" });
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_RESTORED" });
  await writer.recover();
  await writer.append(text("z"));
  expect(await own(writer)).toBe("abcdefghxyz");

  const auto = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(disk),
    remotes: [remote],
  });
  expect(await failure(auto.append(text("no")))).toMatchObject({ code: "ERR_RESTORED" });
  await auto.recover();
  await (await auto.append(text("z"))).published();
  expect(await read(auto, remote)).toBe("abcdefghxyz");
  await auto.close();
});

test("a recovery in auto mode publishes what it appended anew by itself", async () => {
  const remote = kinds["compare-and-set"]!();
  const { disk } = await restored(remote);
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new PowerCutDatabase(disk),
    remotes: [remote],
  });
  await writer.recover();
  await expect.poll(() => read(writer, remote)).toBe("abcdefghxy");
  await writer.close();
});

test("an unfinished recovery whose remote shows nothing newer any more is taken back: the own entries return", async () => {
  const { disk } = await unfinished();
  const [writer, journal] = await open([memoryRemote({ label: "one" })], disk);
  expect(await writer.recover()).toEqual({ recovered: 0, appendedAnew: 2, size: 5 });
  expect(await own(writer)).toBe("abcxy");
  const [again] = await open([memoryRemote({ label: "one" })], copy(journal));
  expect(await own(again)).toBe("abcxy");
});

test("what an unfinished recovery had written past the end of the own entries does not come back", async () => {
  const remote = kinds["compare-and-set"]!();
  const { disk } = await restored(remote);
  const [writer, journal] = await open([remote], disk);
  journal.onWrite = (operations) => {
    if (operations.some(({ type, key }) => type === "del" && textOf(key) === "v")) throw new Error("Full");
  };
  expect(await failure(writer.recover())).toMatchObject({ code: "ERR_JOURNAL" });
  const [back, after] = await open([memoryRemote({ label: "one" })], copy(journal));
  expect(await back.recover()).toEqual({ recovered: 0, appendedAnew: 2, size: 5 });
  const [again] = await open([remote], copy(after));
  expect(await own(again)).toBe("abcxy");
});

test("a publish that is asked for during a recovery waits for it", async () => {
  const remote = kinds["compare-and-set"]!();
  const { disk, published } = await restored(remote);
  const [writer] = await open([remote], disk);
  await Promise.all([writer.recover(), writer.publish()]);
  expect(await read(writer, remote)).toBe(`${published}xy`);
});

test("contents that were stored for entries which a recovery replaced do not count as those of the new ones", async () => {
  const [one, two] = [memoryRemote({ label: "one" }), memoryRemote({ label: "two" })];
  const { disk, published } = await restored(one);
  let down = true;
  const around: Around = async (_, proceed) => {
    if (down) throw new UnreachableError("No answer.", { operation: "test" });
    return proceed();
  };
  const [writer, journal] = await open([wrapRemote(one, around), two], disk);
  journal.onWrite = (operations) => {
    if (operations.some(({ key }) => textOf(key) === "rtwo\0intent")) throw new Error("Full");
  };
  await failure(writer.publish());
  expect(await two.names.resolve(writer.logId)).toEqual({ status: "absent" });
  journal.onWrite = () => undefined;
  down = false;
  await writer.recover();
  await writer.publish();
  for (const remote of [one, two]) expect(await read(writer, remote)).toBe(`${published}xy`);
});

test("recover() with a name that holds garbage lets the next publish replace it", async () => {
  const remote = kinds["compare-and-set"]!();
  const [writer] = await open([remote]);
  await writer.appendAll(letters("ab"));
  await remote.names.update(writer.logId, text("garbage"), { expected: null });
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await writer.recover()).toEqual({ recovered: 0, appendedAnew: 0, size: 2 });
  await writer.publish();
  expect(await read(writer, remote)).toBe("ab");
});

test.each(["longer", "as long", "shorter"])(
  "recover() where the remote shows another history that is %s than what was signed here: ERR_CONFLICT, nothing changed",
  async (length) => {
    const [mine, theirs] = [kinds["compare-and-set"]!(), kinds["compare-and-set"]!()];
    const [writer, journal] = await open([mine]);
    await writer.appendAll(letters("abc"));
    await writer.publish();
    await writer.close();
    const [other] = await open([theirs]);
    await other.appendAll(letters({ longer: "axcd", "as long": "axc", shorter: "ax" }[length]!));
    await other.publish();
    const disk = copy(journal);
    const [forked, after] = await open([theirs], disk);
    expect(await failure(forked.recover())).toMatchObject({ code: "ERR_CONFLICT" });
    expect(await own(forked)).toBe("abc");
    expect(copy(after)).toEqual(disk);
  },
);

test("recover() where two remotes show two histories: ERR_CONFLICT, nothing changed", async () => {
  const [one, two] = [memoryRemote({ label: "one" }), memoryRemote({ label: "two" })];
  const [first] = await open([one]);
  await first.appendAll(letters("abc"));
  await first.publish();
  const [second] = await open([two]);
  await second.appendAll(letters("ax"));
  await second.publish();
  const [writer, journal] = await open([one, two]);
  const before = copy(journal);
  expect(await failure(writer.recover())).toMatchObject({ code: "ERR_CONFLICT" });
  expect(copy(journal)).toEqual(before);
});

test("pages that were stored for entries which a recovery replaced are not used again", async () => {
  const [one, two] = [memoryRemote({ label: "one" }), memoryRemote({ label: "two" })];
  const [writer, journal] = await open([one]);
  await writer.appendAll(letters("ab"));
  await writer.publish();
  await writer.close();
  const backup = copy(journal);
  const [elsewhere] = await open([one], copy(journal));
  await elsewhere.appendAll(letters("cdefghi"));
  await elsewhere.publish();
  await elsewhere.close();
  // The other copy stores pages of entries of its own on a second remote, and comes no further.
  const noUpdate: Around = async (call, proceed) => {
    if (call.kind === "resolve") return proceed();
    if (call.kind === "update") throw new UnreachableError("No answer.", { operation: "test" });
    return proceed();
  };
  const late = new PowerCutDatabase(backup);
  const blind = await openWriter({ ...tiny, seed, journal: late, remotes: [wrapRemote(two, noUpdate)] });
  await blind.appendAll(letters("uvwxyz"));
  late.onWrite = (operations) => {
    const keys = operations.map(({ key }) => textOf(key));
    if (keys.includes("rtwo\0intent")) throw new Error("No space left on device");
  };
  expect(await failure(blind.publish())).toMatchObject({ code: "ERR_JOURNAL" });
  const [recovered, after] = await open([one], copy(late));
  expect(await recovered.recover()).toEqual({ recovered: 7, appendedAnew: 6, size: 15 });
  await recovered.close();
  const [both] = await open([one, two], copy(after));
  await both.publish();
  expect(await read(both, one)).toBe("abcdefghiuvwxyz");
  expect(await read(both, two)).toBe("abcdefghiuvwxyz");
});
