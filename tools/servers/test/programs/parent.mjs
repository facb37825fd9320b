// Starts a server and says so, then stays, or leaves by itself: node parent.mjs <what> <stay|leave>
import { startBee, startKubo, startMinio, startVersitygw } from "../../dist/index.js";
import { launchTestServer } from "./launch-test-server.mjs";

const [what, then] = process.argv.slice(2);
const starts = {
  server: () => launchTestServer(["child"]),
  minio: startMinio,
  versitygw: startVersitygw,
  kubo: startKubo,
  bee: startBee,
};
const started = await starts[what]();
process.stdout.write(`${JSON.stringify(started)}\n`);
if (then === "stay") setInterval(() => undefined, 1000);
