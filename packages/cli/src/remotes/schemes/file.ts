// `file:` URIs: a log in a folder of this machine.

import { fsRemoteFromUri } from "@remote-log/fs";
import type { RemoteKind } from "../remote-kind.ts";

/** `file:///srv/log`: a folder. */
export const fileKind: RemoteKind = {
  open: (uri, label) => fsRemoteFromUri(uri, { label }),
};
