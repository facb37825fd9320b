import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { examineRemote } from "../../src/doctor/examine-remote.ts";
import { registerScheme } from "../../src/remotes/registry.ts";

const { signal } = new AbortController();
const logId = "0".repeat(64);

test("a stranger's kind of remote tells of its service, and where that fails it is told, too", async () => {
  const charged = { facts: ["battery at 90 %"], findings: [], details: { battery: 0.9 } };
  const kinds = { open: () => memoryRemote() };
  registerScheme("charged", { ...kinds, checkup: async () => charged });
  registerScheme("broken", { ...kinds, checkup: () => Promise.reject(new Error("no\nbattery")) });
  const examine = (uri: string) => examineRemote({ label: "it", uri }, { logId, context: { logId }, signal });
  expect(await examine("charged:1")).toMatchObject({ reached: true, ...charged });
  expect(await examine("broken:1")).toMatchObject({
    reached: true,
    findings: [{ code: "ERR_UNKNOWN", message: "no battery" }],
  });
});
