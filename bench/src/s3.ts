import { createBucket, startMinio } from "@remote-log/servers";
import { runServerBench } from "./bench.ts";
import { bucketTasks } from "./s3/log-tasks.ts";

const BUCKET = "bench";

await runServerBench({
  name: "s3",
  async start(folder, counts) {
    const server = await startMinio();
    await createBucket(server, BUCKET);
    return { tasks: bucketTasks(server, BUCKET, folder, counts), stop: () => server.stop() };
  },
});
