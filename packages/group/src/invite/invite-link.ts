// Invitations: one text that makes another device a member.

import { formatLink, InvalidInputError, type LogLink, parseLink, ReadKey } from "@remote-log/core";

const SCHEME = "rlog-invite:";
const LOG_SCHEME = "rlog:";

/** The parameter that says until when an invitation is good. */
const UNTIL = "until";

/** What an invitation says. */
export interface Invitation {
  /** The log in which who invites welcomes the newcomer, and where it is read. */
  readonly welcome: Pick<LogLink, "logId" | "remotes">;
  /** The secret of the invitation, 32 bytes. Whoever has it comes in with it, once. */
  readonly secret: Uint8Array;
  /** Until when it is good, in milliseconds since 1970; Infinity if it is good for ever. */
  readonly expires: number;
}

/** The text of an invitation: that of a link, with another beginning, and the same checksum. */
export function formatInvitation({ welcome: { logId, remotes }, secret, expires }: Invitation): string {
  const further = expires === Number.POSITIVE_INFINITY ? [] : ([[UNTIL, `${expires}`]] as const);
  return SCHEME + formatLink({ logId, remotes, further, key: new ReadKey(secret) }).slice(LOG_SCHEME.length);
}

/**
 * Reads an invitation. Errors repeat nothing of it, because it holds a secret.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if it is none, and with the reason `"damaged"` if its checksum is wrong
 * @throws UnsupportedError `ERR_UNSUPPORTED` if it is of a newer kind
 */
export function parseInvitation(text: string): Invitation {
  if (typeof text !== "string" || !text.startsWith(SCHEME)) throw noInvitation();
  const { logId, remotes, key, further = [] } = parseLink(LOG_SCHEME + text.slice(SCHEME.length));
  if (key === undefined) throw noInvitation();
  const until = further.find(([name]) => name === UNTIL)?.[1];
  if (until !== undefined && !/^\d{1,15}$/.test(until)) throw noInvitation();
  const expires = until === undefined ? Number.POSITIVE_INFINITY : Number(until);
  return { welcome: { logId, remotes }, secret: key.toBytes(), expires };
}

function noInvitation(): InvalidInputError {
  return new InvalidInputError(
    `This is not an invitation to a group: one begins with ${SCHEME} and ends with its secret. Ask a member for one: group.invite().`,
    { operation: "group.open", reason: "no-invitation" },
  );
}
