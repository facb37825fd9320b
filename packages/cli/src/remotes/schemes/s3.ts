// `s3:` URIs: a log in a bucket of S3, or of a service that speaks S3.

import type { RemoteKind } from "../remote-kind.ts";

/** `s3://bucket/prefix?region=…`: a bucket, with the credentials that the AWS tools use. */
export const s3Kind: RemoteKind = {
  open: async (uri, label) => {
    // The SDK announces when it will drop a version of Node. That is for those who choose its version, not for users.
    process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
    // Loaded only when it is used: the SDK takes longer to load than everything else.
    const { s3RemoteFromUri } = await import("@remote-log/s3");
    return s3RemoteFromUri(uri, { label });
  },
};
