import { startBee } from "@remote-log/servers";
import { runServerBench } from "./bench.ts";
import { chunkTasks } from "./swarm/log-tasks.ts";

await runServerBench({
  name: "swarm",
  async start(folder, counts) {
    const server = await startBee();
    const stamp = await server.buyBatch({ depth: 24 });
    return { tasks: chunkTasks({ url: server.url, stamp }, folder, counts), stop: () => server.stop() };
  },
});
