// Runs under Node's own test runner, on the built packages. Its fixture holds a server, which would keep the process
// alive for ever if nobody disposed of the fixture.
import { createServer } from "node:http";
import { runConformance } from "@remote-log/conformance/node-test";
import { memoryStorage } from "@remote-log/memory";

const server = createServer();
server.listen(0, "127.0.0.1");

const fixture = {
  name: "served",
  create: async () => ({ storage: memoryStorage() }),
  [Symbol.asyncDispose]: async () => {
    process.stdout.write("fixture disposed\n");
    server.close();
  },
};
const onReport = () => process.stdout.write("reported\n");
runConformance(fixture, { only: ["CAS-DECL-01"], onReport });
