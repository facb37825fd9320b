// Our own S3 server, run by own-server.mjs. The system closes the channel when the demo ends, however it ends.
import { startOwnS3 } from "@remote-log/servers";

process.on("disconnect", () => process.exit());
const { name, version, endpoint, region, credentials } = await startOwnS3();
if (process.connected) process.send({ name, version, endpoint, region, credentials });
else process.exit();
