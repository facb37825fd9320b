// `file:` URIs: a log in a folder of this machine.

import { fsRemoteFromUri } from "@remote-log/fs";
import { whyNoFolder } from "../linked/local-folder.ts";
import type { OpenFromLink, RemoteKind } from "../remote-kind.ts";

/** `file:///srv/log`: a folder. */
export const fileKind: RemoteKind = {
  open: (uri, label) => fsRemoteFromUri(uri, { label }),
  openFromLink: (uri) => whyNoFolder(uri) ?? openFolder,
};

const openFolder: OpenFromLink = (uri, label) => fsRemoteFromUri(uri, { label });
