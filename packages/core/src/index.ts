export * from "./errors/index.ts";
export * from "./remote/address.ts";
export * from "./remote/hash-type.ts";
export * from "./remote/name-resolver.ts";
export * from "./remote/remote.ts";
export * from "./remote/storage-backend.ts";
