// What the calls of a group take, and give back.

import type { OperationOptions, StageOptions } from "@remote-log/core";
import type { AttachmentPlace } from "./wire/envelope.ts";

/** What `Group.append` gives back. */
export interface AppendedMessage {
  /** The id of the message, the same on every device. */
  readonly id: string;
  /** Its time, in milliseconds since 1970. */
  readonly time: number;
  /** Resolves when the others can read it; never, while the device has no remotes. */
  published(options?: StageOptions): Promise<void>;
}

/** Options of `Group.append`. */
export interface AppendMessageOptions extends OperationOptions {
  /** What is attached to it: what `Group.attach` gave back. */
  readonly attachments?: readonly AttachmentPlace[] | undefined;
}

/** Options of `Group.messages`. */
export interface MessagesOptions extends OperationOptions {
  /** Whether to wait for new messages at the end instead of ending. Default: false. */
  readonly live?: boolean | undefined;
}

/** Options of `Group.invite`. */
export interface InviteOptions extends OperationOptions {
  /** Whether the newcomer may invite and remove others. Default: false; true for another device of an admin. */
  readonly admin?: boolean | undefined;
  /** Whether it may read what was written before it came. Default: true. */
  readonly history?: boolean | undefined;
  /**
   * Whether it is for another device of the same person. Everybody may invite such; it may do what this device may. Default: false.
   */
  readonly ownDevice?: boolean | undefined;
  /**
   * For how long it is good, in milliseconds from now: by then this device has to have seen who comes with it. Infinity for one that
   * never expires. Default: a week.
   */
  readonly validMilliseconds?: number | undefined;
}
