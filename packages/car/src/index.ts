// The entry for CAR files in memory: of browsers, phones and workers. `@remote-log/car/node` is for files of the system.

export type { CarBytes, CarFile, CarInput } from "./car-bytes.ts";
export { type ExportCarOptions, type ExportCarResult, exportCar } from "./export-car.ts";
export { logsInCar } from "./logs-in-car.ts";
export { type MemoryCar, memoryCar } from "./memory-car.ts";
export { type CarRemoteOptions, carRemote } from "./remote.ts";
export type { CarSink } from "./sink.ts";
