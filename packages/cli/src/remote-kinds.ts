import { fsRemoteFromUri } from "@remote-log/fs";
import { ipfsKind, ipnsKind, isIpnsUrl, openGateway } from "./ipfs-kinds.ts";
import { recordCheckup } from "./ipns-record.ts";
import type { OpenRemote, RemoteKind } from "./remote-kind.ts";
import { beeKind, swarmKind } from "./swarm-kinds.ts";

// What speaks to a service is loaded only where it is used: the SDK of S3 takes longer to load than all the rest.
const openS3: OpenRemote = async (uri, label) => {
  // It tells those who choose the version of the SDK when it drops a version of Node; users of rlog don't.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const { s3RemoteFromUri } = await import("@remote-log/s3");
  return s3RemoteFromUri(uri, { label });
};

const openUrl: OpenRemote = async (url, label, context) => {
  if (isIpnsUrl(url)) return openGateway(url, label, context);
  const { publicS3Remote } = await import("@remote-log/s3/public");
  return publicS3Remote({ url, label });
};

/** The kinds of remote that `rlog` brings along, by the scheme of their URIs. */
export const builtInKinds: readonly (readonly [string, RemoteKind])[] = [
  ["file", { open: (uri, label) => fsRemoteFromUri(uri, { label }) }],
  ["s3", { open: openS3 }],
  ["https", { open: openUrl, checkup: recordCheckup }],
  ["http", { open: openUrl, checkup: recordCheckup }],
  ["ipfs+http", ipfsKind],
  ["ipfs+https", ipfsKind],
  ["ipns", ipnsKind],
  ["bee+http", beeKind],
  ["bee+https", beeKind],
  ["swarm", swarmKind],
];
