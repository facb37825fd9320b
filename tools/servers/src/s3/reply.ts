// Answers, before they are sent.

import type { S3Failure } from "./failure.ts";
import { writeXml, type XmlElement } from "./xml.ts";

/** An answer, before it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent if the answer has no body. */
  readonly body?: Uint8Array;
  /** Whether the body is an object's content, which faults may befall. */
  readonly isContent?: boolean;
}

/** An answer whose body is an XML document. */
export function xmlReply(status: number, root: XmlElement, namespace?: string): Reply {
  return { status, headers: { "content-type": "application/xml" }, body: writeXml(root, namespace) };
}

/**
 * The answer to a request that failed.
 *
 * @param resource - the path of the request
 */
export function failureReply(failure: S3Failure, resource: string, requestId: string): Reply {
  if (failure.status === 304) return { status: 304, headers: failure.headers };
  const reply = xmlReply(failure.status, [
    "Error",
    [
      ["Code", failure.code],
      ["Message", failure.message],
      ...Object.entries(failure.fields),
      ["Resource", resource],
      ["RequestId", requestId],
      ["HostId", "remote-log"],
    ],
  ]);
  return { ...reply, headers: { ...reply.headers, ...failure.headers } };
}
