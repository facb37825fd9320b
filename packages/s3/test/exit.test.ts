import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { atEnd } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { BUCKET, ownServer } from "./clients.ts";

const program = fileURLToPath(new URL("./exit-program.mjs", import.meta.url));

test.each([
  ["a remote that was closed", "close"],
  ["a remote that was closed during its probe", "close-probing"],
  ["a probe that was ended", "abort-probing"],
])("%s keeps no process alive", async (_, mode) => {
  const server = await ownServer();
  if (mode !== "close") server.faults.add({ kind: "never-answers" });
  const place = { ...server.credentials, endpoint: server.endpoint, bucket: BUCKET };
  const child = spawn(process.execPath, [program, mode, JSON.stringify(place)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  atEnd(() => child.kill("SIGKILL"));
  let printed = "";
  child.stdout.on("data", (text) => (printed += text));
  const [code] = (await once(child, "exit")) as [number];
  expect({ code, printed }).toEqual({ code: 0, printed: "closed\n" });
});
