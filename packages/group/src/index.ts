// The entry `@remote-log/group`, in the order in which an application meets it.

export type { AttachmentProgress, AttachOptions } from "./attachments/attach.ts";
export type { Attachment, OpenOptions } from "./attachments/attachment.ts";
export type { AttachmentSource, ByteStream } from "./attachments/parts.ts";
export { type Codec, type JsonCodecOptions, jsonCodec, type ValueForm } from "./codec.ts";
export { NotMemberError } from "./errors.ts";
export type { Group } from "./group.ts";
export type {
  AppendedMessage,
  AppendMessageOptions,
  InviteOptions,
  MessagesOptions,
} from "./group-options.ts";
export type { Message } from "./messages.ts";
export { openGroup } from "./open-group.ts";
export type { GroupOptions, GroupRemote, UndecodableEntry } from "./options.ts";
export { type DescribeOptions, describeStatus, type GroupStatus, type MemberStatus } from "./status.ts";
export type { AttachmentPlace, PartRange } from "./wire/envelope.ts";
