// `https:` and `http:` URLs: a public bucket or a CDN in front of one, or an IPNS name at a gateway.

import { recordCheckup } from "../checkups/ipns-record.ts";
import { environmentFetchOption } from "../proxy/proxied-fetch.ts";
import type { OpenFromLink, RemoteKind } from "../remote-kind.ts";
import { originOf } from "../uri-parameters.ts";
import { openGateway } from "./ipns.ts";

/** `https://bucket.example/prefix`, or `https://gateway.example/ipns/k51…`: for reading, without credentials. */
export const httpsKind: RemoteKind = {
  open: async (url, label, context) => {
    if (isIpnsUrl(url)) return openGateway(url, label, context, environmentFetchOption().fetch);
    const { publicS3Remote } = await import("@remote-log/s3/public");
    return publicS3Remote({ url, label, ...environmentFetchOption() });
  },
  origins: (url) => [originOf(url)],
  openFromLink: () => openPublic,
  checkup: recordCheckup,
};

const openPublic: OpenFromLink = async (url, label, { fetch }) => {
  if (isIpnsUrl(url)) return openGateway(url, label, {}, fetch);
  const { publicS3Remote } = await import("@remote-log/s3/public");
  return publicS3Remote({ url, label, fetch });
};

/** Whether a URL is that of an IPNS name at a gateway. */
function isIpnsUrl(url: string): boolean {
  return /^[^?#]*\/ipns\/[^/?#]+\/?$/.test(url);
}
