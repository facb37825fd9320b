import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { openWriter } from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const MiB = 2 ** 20;
const seed = new Uint8Array(32).fill(17);
const large = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, i) => new Uint8Array(MiB).fill(from + i));

test("a recovery of large entries writes them in parts of some megabytes, however many there are", async () => {
  const remote = memoryRemote({ label: "one" });
  const journal = new PowerCutDatabase();
  const first = await openWriter({ ...tiny, seed, journal, remotes: [remote], publish: "manual" });
  await first.appendAll(large(0, 2));
  await first.publish();
  const restored = new PowerCutDatabase(journal.afterPowerCut(journal.unsynced));
  await first.appendAll(large(2, 32));
  await first.publish();

  const writer = await openWriter({ ...tiny, seed, journal: restored, remotes: [remote], publish: "manual" });
  await writer.appendAll(large(100, 112));
  await writer.appendAll(large(112, 124));
  let most = 0;
  const write = restored.batch.bind(restored);
  restored.batch = (operations, options) => {
    const sizes = operations.map((operation) => (operation.type === "put" ? operation.value.length : 0));
    most = Math.max(
      most,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    return write(operations, options);
  };
  expect(await writer.recover()).toMatchObject({ recovered: 30, appendedAnew: 24, size: 56 });
  expect(most).toBeLessThan(10 * MiB);
  const firsts: number[] = [];
  for await (const { content } of writer.entries()) firsts.push(content[0]!);
  expect(firsts).toEqual([...large(0, 32), ...large(100, 124)].map((content) => content[0]));
  await writer.close();
});
