import { startKuboNetwork } from "@remote-log/servers";
import { runServerBench } from "./bench.ts";
import { kuboTasks } from "./ipfs/log-tasks.ts";
import { nameTasks } from "./ipfs/name-tasks.ts";

await runServerBench({
  name: "ipfs",
  async start(folder, counts) {
    const network = await startKuboNetwork({ nodes: 3 });
    const { nodes } = network;
    const tasks = [...kuboTasks(nodes, folder, counts), ...(await nameTasks(nodes))];
    return { tasks, stop: () => network.stop() };
  },
});
