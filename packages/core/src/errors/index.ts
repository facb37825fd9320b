// Every error that this project throws on purpose, with its code.

export * from "./log-errors.ts";
export * from "./remote-log-error.ts";
export * from "./storage-errors.ts";
export * from "./writer-errors.ts";
