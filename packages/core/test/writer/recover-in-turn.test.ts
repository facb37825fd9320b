// A recovery in its turn: it waits for what is being appended, and is given up meanwhile.

import { failure, until } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { generateSeed, openWriter } from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

test("a recovery that was given up while entries were appended does not begin, also if it would ask no remote", async () => {
  const journal = new PowerCutDatabase();
  await using writer = await openWriter({ ...tiny, seed: generateSeed(), journal });
  let write: (() => void) | undefined;
  journal.onWrite = () => new Promise<void>((go) => (write = go));
  const appending = writer.append(text("a"));
  await until(() => write !== undefined);
  const controller = new AbortController();
  const recovering = failure(writer.recover({ signal: controller.signal }));
  // Until it waits for the queue.
  for (let i = 0; i < 50; i++) await new Promise((go) => setImmediate(go));
  controller.abort("gave up");
  journal.onWrite = () => undefined;
  write!();
  await appending;
  expect(await recovering).toBe("gave up");
  expect(await writer.recover()).toMatchObject({ size: 1, recovered: 0 });
});
