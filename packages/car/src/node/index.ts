// The entry for CAR files of the system, on Node.js.

export { carFile } from "./car-file.ts";
export { carFileSink } from "./car-file-sink.ts";
