// The entry `@remote-log/group`, in the order in which an application meets it.

export { type Codec, type JsonCodecOptions, jsonCodec, type ValueForm } from "./codec.ts";
export { NotMemberError } from "./errors.ts";
export type { AppendedMessage, Group, InviteOptions, MessagesOptions } from "./group.ts";
export type { Message } from "./messages.ts";
export { openGroup } from "./open-group.ts";
export type { GroupOptions, GroupRemote, UndecodableEntry } from "./options.ts";
export { type DescribeOptions, describeStatus, type GroupStatus, type MemberStatus } from "./status.ts";
