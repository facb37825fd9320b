import { expect, test, vi } from "vitest";
import { openReader } from "../../src/index.ts";
import { scriptedRemote } from "./scripted-remote.ts";

test("the remotes that were opened for a reader are closed once, however often it is closed", async () => {
  const reader = await openReader({ logId: "0f".repeat(32), remotes: [scriptedRemote(new Map())] });
  const close = vi.fn<() => Promise<void>>(async () => undefined);
  reader.alsoClose(close);
  await Promise.all([reader.close(), reader.close()]);
  await reader.close();
  expect(close).toHaveBeenCalledTimes(1);
});
