// Invitations: one text that makes another device a member.

import { formatLink, InvalidInputError, type LogLink, parseLink, ReadKey } from "@remote-log/core";

const SCHEME = "rlog-invite:";
const LOG_SCHEME = "rlog:";

/** What an invitation says. */
export interface Invitation {
  /** The control log of who invites, and where it is read. */
  readonly control: Pick<LogLink, "logId" | "remotes">;
  /** The secret of the invitation, 32 bytes. Whoever has it comes in with it, once. */
  readonly secret: Uint8Array;
}

/** The text of an invitation: that of a link, with another beginning, and the same checksum. */
export function formatInvitation({ control: { logId, remotes }, secret }: Invitation): string {
  return SCHEME + formatLink({ logId, remotes, key: new ReadKey(secret) }).slice(LOG_SCHEME.length);
}

/**
 * Reads an invitation. Errors repeat nothing of it, because it holds a secret.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if it is none, and with the reason `"damaged"` if its checksum is wrong
 * @throws UnsupportedError `ERR_UNSUPPORTED` if it is of a newer kind
 */
export function parseInvitation(text: string): Invitation {
  if (typeof text !== "string" || !text.startsWith(SCHEME)) throw noInvitation();
  const { logId, remotes, key } = parseLink(LOG_SCHEME + text.slice(SCHEME.length));
  if (key === undefined) throw noInvitation();
  return { control: { logId, remotes }, secret: key.toBytes() };
}

function noInvitation(): InvalidInputError {
  return new InvalidInputError(
    `This is not an invitation to a group: one begins with ${SCHEME} and ends with its secret. Ask a member for one: group.invite().`,
    { operation: "group.open", reason: "no-invitation" },
  );
}
