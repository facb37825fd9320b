// Opening a writer: what its runtime has to have.

import { failure } from "@remote-log/test-kit";
import { expect, onTestFinished, test, vi } from "vitest";
import { generateSeed, openWriter } from "../../src/index.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

test("a runtime without secure random numbers is told so, before the journal is touched", async () => {
  const [seed, journal] = [generateSeed(), new PowerCutDatabase()];
  const open = vi.spyOn(journal, "open");
  onTestFinished(() => void vi.unstubAllGlobals());
  vi.stubGlobal("crypto", {});
  expect(await failure(openWriter({ seed, journal }))).toMatchObject({
    code: "ERR_UNSUPPORTED",
    operation: "writer.open",
    message: expect.stringContaining("crypto.getRandomValues"),
  });
  expect(open).not.toHaveBeenCalled();
});
