// Launches server.mjs with what was built of the launcher.
import { fileURLToPath } from "node:url";
import { launch } from "../../dist/launch.js";

const program = fileURLToPath(new URL("server.mjs", import.meta.url));

export async function launchTestServer(behaviour) {
  let said;
  const started = await launch({
    name: "test",
    command: process.execPath,
    plan: ({ port }) => ({ args: [program, `${port}`, ...behaviour], env: {} }),
    ready: async ({ port }, signal) => {
      said = await (await fetch(`http://127.0.0.1:${port}/`, { signal })).json();
      return true;
    },
  });
  return { ...started, child: said.child };
}
