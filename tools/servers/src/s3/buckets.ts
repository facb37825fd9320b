// Operations on buckets, and the rules for their names.

import { S3Failure } from "./failure.ts";
import type { Reply } from "./reply.ts";
import type { ObjectStore } from "./store.ts";

/** 3 to 63 characters: small letters, digits, dots and hyphens; a letter or a digit at both ends. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Makes a bucket.
 *
 * @throws S3Failure `InvalidBucketName`, `MalformedXML`, `IllegalLocationConstraintException`, and outside of
 * us-east-1 `BucketAlreadyOwnedByYou`
 */
export function createBucket(store: ObjectStore, bucket: string, region: string, body: Uint8Array): Reply {
  if (!BUCKET_NAME.test(bucket) || bucket.includes("..")) {
    throw new S3Failure(400, "InvalidBucketName", "The specified bucket is not valid.", {
      fields: { BucketName: bucket },
    });
  }
  checkLocation(new TextDecoder().decode(body), region);
  // us-east-1 alone answers 200 if the bucket is there and one's own.
  if (!store.createBucket(bucket) && region !== "us-east-1") {
    throw new S3Failure(
      409,
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
      { fields: { BucketName: bucket } },
    );
  }
  return { status: 200, headers: { location: `/${bucket}` } };
}

function checkLocation(document: string, region: string): void {
  const given = /<LocationConstraint>([^<]*)<\/LocationConstraint>/.exec(document)?.[1];
  if (document !== "" && !/<CreateBucketConfiguration[\s/>]/.test(document)) {
    throw new S3Failure(
      400,
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  }
  // us-east-1 has no name here: one leaves it out.
  if ((given ?? "us-east-1") === region) return;
  const location = given ?? "unspecified";
  throw new S3Failure(
    400,
    "IllegalLocationConstraintException",
    `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

/** The answer to a head of a bucket that is there. */
export function headBucket(region: string): Reply {
  return { status: 200, headers: { "x-amz-bucket-region": region, "content-type": "application/xml" } };
}

/** Removes a bucket that is empty. @throws S3Failure `NoSuchBucket`, `BucketNotEmpty` */
export function deleteBucket(store: ObjectStore, bucket: string): Reply {
  store.deleteBucket(bucket);
  return { status: 204, headers: {} };
}
