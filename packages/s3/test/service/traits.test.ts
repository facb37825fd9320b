import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { traitsOf } from "../../src/service/traits.ts";

test("a service can do everything until it shows that it can't", () => {
  expect(traitsOf(new S3Client({}), "s3://a")).toMatchObject({
    checksums: true,
    conditions: true,
    quotes: true,
    verdict: undefined,
  });
});

test("what was learned is shared by place and client, and by nobody else", () => {
  const [one, other] = [new S3Client({}), new S3Client({})];
  const learned = traitsOf(one, "s3://a");
  learned.checksums = false;
  expect(traitsOf(one, "s3://a")).toBe(learned);
  expect(traitsOf(one, "s3://b").checksums).toBe(true);
  expect(traitsOf(other, "s3://a").checksums).toBe(true);
});
