// `s3:` URIs: a log in a bucket of S3, or of a service that speaks S3.

import { environmentFetchOption } from "../proxy/proxied-fetch.ts";
import type { OpenFromLink, RemoteKind } from "../remote-kind.ts";
import { originOf, parametersOf } from "../uri-parameters.ts";

/** `s3://bucket/prefix?region=…`: a bucket, with the credentials that the AWS tools use. */
export const s3Kind: RemoteKind = {
  open: async (uri, label) => {
    // The SDK announces when it will drop a version of Node. That is for those who choose its version, not for users.
    process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
    // Loaded only when it is used: the SDK takes longer to load than everything else.
    const { s3RemoteFromUri } = await import("@remote-log/s3");
    return s3RemoteFromUri(uri, { label, ...environmentFetchOption() });
  },
  // Without an endpoint, the bucket is the place: whoever owns it sees who reads, and may let the reader pay.
  origins: (uri) => {
    const endpoints = parametersOf(uri, "endpoint");
    return endpoints.length > 0 ? endpoints.map(originOf) : [uri.replace(/^(s3:\/\/[^/?#]*).*$/s, "$1")];
  },
  openFromLink: () => openPublic,
};

// The SDK is not even loaded: it would look for an endpoint, a region and credentials in the environment and in profiles,
// which may run a program.
const openPublic: OpenFromLink = async (uri, label, { fetch }) => {
  const { publicS3RemoteFromUri } = await import("@remote-log/s3/public");
  return publicS3RemoteFromUri(uri, { label, fetch });
};
