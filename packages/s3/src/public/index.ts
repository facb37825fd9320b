export type { PublicS3Options } from "./options.ts";
export { publicS3Remote } from "./remote.ts";
