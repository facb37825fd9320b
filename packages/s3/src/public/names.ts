// The names of a bucket that everybody may read.

import { type NameResolver, type Resolution, rawSha256 } from "@remote-log/core";
import {
  type Call,
  defineNames,
  type Fetch,
  isWebPage,
  type ReadOnlyNameDriver,
  type ResolveRequest,
  webPageCame,
} from "@remote-log/core/adapter";
import { hexOf, nameKey } from "../layout.ts";
import { isRevision, revisionOf } from "../service/etag.ts";
import { fromPublicFailure } from "./errors.ts";
import { getObject } from "./get-object.ts";
import { type CheckedPublicOptions, READ_ONLY } from "./options.ts";

/** What a revision begins with that is not an ETag, but the hash of the content. */
const HASHED = "sha256:";

/** The name resolver of a public remote. */
export function publicNames(options: CheckedPublicOptions): NameResolver {
  return defineNames(new PublicNames(options));
}

class PublicNames implements ReadOnlyNameDriver {
  readonly name = "public s3";
  readonly place: string;
  readonly readOnly = READ_ONLY;
  readonly translate = fromPublicFailure;
  readonly capabilities: ReadOnlyNameDriver["capabilities"];
  readonly #fetch: Fetch | undefined;
  readonly #answerMilliseconds: number;

  constructor({ url, largestName, readYourWrites, answerMilliseconds, fetch }: CheckedPublicOptions) {
    this.place = url;
    this.#fetch = fetch;
    this.#answerMilliseconds = answerMilliseconds;
    this.capabilities = { compareAndSet: "none", readYourWrites, largestContent: largestName };
  }

  async resolve(name: string, { known, limit }: ResolveRequest, call: Call): Promise<Resolution> {
    const isEtag = known !== undefined && !known.startsWith(HASHED) && isRevision(known);
    const etag = isEtag ? revisionOf(known) : undefined;
    const request = {
      url: `${this.place}/${nameKey("", name)}`,
      limit,
      answerMilliseconds: this.#answerMilliseconds,
      known: etag,
      cache: "no-cache",
      what: "the name",
      fetch: this.#fetch,
    } as const;
    const reply = await getObject(request, call);
    if (reply.status === "absent") return { status: "absent" };
    if (reply.status === "unchanged") return { status: "unchanged", revision: known ?? "" };
    if (isWebPage(reply.content)) throw webPageCame(call.context.operation, "the name");
    // Of a server without ETags, or whose ETags a browser may not see, the content tells as well whether it changed.
    const revision = revisionOf(reply.etag) ?? `${HASHED}${hexOf(await rawSha256.digest(reply.content))}`;
    if (revision === (etag ?? known)) return { status: "unchanged", revision };
    return { status: "found", content: reply.content, revision };
  }
}
