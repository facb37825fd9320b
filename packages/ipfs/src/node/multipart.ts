// Files as the body of a request (RFC 7578, "multipart/form-data"): a command of a Kubo node takes its files so.

import { concatBytes, encodeUtf8, randomBytes } from "@remote-log/core/adapter";

/** The body of a request, and the header that says what it is. */
export interface MultipartBody {
  readonly body: Uint8Array;
  readonly headers: { readonly "content-type": string };
}

/**
 * Puts files into one body. Written by hand, because a runtime's own `FormData` reads each file as a stream, which takes three times
 * as long as all else of a request; and because that of React Native takes no bytes.
 *
 * @param files - copied
 * @param operation - what they are sent for, if the runtime has no random numbers
 */
export function multipartOf(files: readonly Uint8Array[], operation: string): MultipartBody {
  // No file has it in its bytes: nobody can foresee it.
  const boundary = [...randomBytes(16, operation)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const begin = encodeUtf8(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n` +
      "Content-Type: application/octet-stream\r\n\r\n",
  );
  const end = encodeUtf8("\r\n");
  const body = concatBytes([
    ...files.flatMap((file) => [begin, file, end]),
    encodeUtf8(`--${boundary}--\r\n`),
  ]);
  return { body, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}
