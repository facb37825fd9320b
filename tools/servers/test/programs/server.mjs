// A small server for tests of the launcher: node server.mjs <port> <behaviour…>
// It answers with its TOKEN, and with its environment and pid.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, ...behaviour] = process.argv.slice(2);
const does = (name) => behaviour.includes(name);

console.log("the server begins");
writeFileSync("stored", "something");
if (does("die")) {
  console.error("a reason to die");
  process.exit(3);
}
if (does("stubborn")) process.on("SIGTERM", () => console.log("no"));
let child;
if (does("child")) child = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"]).pid;

if (does("silent")) {
  setInterval(() => undefined, 1000);
} else {
  createServer((request, response) => {
    if (request.url === "/die") process.exit(4);
    response.end(JSON.stringify({ token: process.env.TOKEN, pid: process.pid, child, env: process.env }));
  }).listen(Number(port), "127.0.0.1");
}
