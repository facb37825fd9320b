// A light client whose network is a function.

import { createHash } from "node:crypto";
import { bytes } from "@remote-log/test-kit";
import { LightS3Client, type LightS3ClientOptions } from "../../src/light/index.ts";
import { LightService } from "../../src/light/service.ts";
import { BucketRequests } from "../../src/service/requests.ts";
import { errorXml } from "../service/scripted-client.ts";

export const credentials = { accessKeyId: "alice", secretAccessKey: "a-secret-of-alice" };
export const body = bytes("hello");
export const digest = new Uint8Array(createHash("sha256").update(body).digest());
/** An object to put. */
export const object = { key: "k", body, digest };

type Answer = Response | (() => Response | Promise<Response>);

/** A client whose network is a function: each answer is the next of the list; the last one stays. */
export function scripted(options: Partial<LightS3ClientOptions>, ...answers: Answer[]) {
  const sent: {
    readonly url: string;
    readonly init: RequestInit;
    readonly headers: Record<string, string>;
  }[] = [];
  const client = new LightS3Client({
    credentials,
    endpoint: "http://s3.invalid:9000",
    ...options,
    async fetch(url, init) {
      sent.push({ url, init, headers: init.headers as Record<string, string> });
      const next = answers[Math.min(sent.length, answers.length) - 1]!;
      return typeof next === "function" ? next() : next.clone();
    },
  });
  const service = new LightService(client, "bucket");
  const requests = new BucketRequests({ service, place: "s3://bucket/x", answerMilliseconds: 60_000 });
  return { client, sent, requests, service };
}

/** What answers a request that was carried out. */
export const ok = () => new Response(null, { status: 200, headers: { etag: '"e"' } });

/** What refuses a request. */
export const refusal =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  () =>
    new Response(errorXml(code), { status, headers });
