export * from "./genesis.ts";
export * from "./index-node.ts";
export * from "./limits.ts";
export * from "./mvds-message.ts";
export * from "./remote-log.ts";
