export * from "./log-errors.ts";
export * from "./remote-log-error.ts";
export * from "./storage-errors.ts";
export * from "./writer-errors.ts";
