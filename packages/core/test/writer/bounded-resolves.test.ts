import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { openWriter, type Remote } from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

test("a writer never asks for more of a name than the name system says that a name can hold", async () => {
  const inner = memoryRemote({ label: "one" });
  const asked: (number | undefined)[] = [];
  const remote: Remote = {
    ...inner,
    names: {
      name: inner.names.name,
      capabilities: { ...inner.names.capabilities, watch: false },
      update: (name, content, options) => inner.names.update(name, content, options),
      resolve: (name, options) => {
        asked.push(options?.maxBytes);
        return inner.names.resolve(name, options);
      },
    },
  };
  const seed = new Uint8Array(32).fill(13);
  const writer = await openWriter({ ...tiny, seed, journal: new PowerCutDatabase(), remotes: [remote] });
  await writer.append(text("one"));
  await writer.publish();
  await writer.append(text("two"));
  await writer.publish();
  await writer.recover();
  await writer.close();
  expect(asked.length).toBeGreaterThanOrEqual(3);
  expect(new Set(asked)).toEqual(new Set([inner.names.capabilities.largestContent]));
});
