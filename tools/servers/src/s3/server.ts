// Our own S3 server, in the process of the test.

import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { S3Server } from "../s3-server.ts";
import { ServerError } from "../server-error.ts";
import type { CorsRule } from "./cors.ts";
import { exchange } from "./exchange.ts";
import { FaultList, type S3Faults } from "./faults.ts";
import { type FolderAccount, FolderStore } from "./folder-store.ts";
import type { OwnS3Options } from "./options.ts";
import { BoundedRequestLog, type RequestLog } from "./request-log.ts";
import { ObjectStore } from "./store.ts";

/** A server of our own that speaks S3, in this process. */
export interface OwnS3 extends S3Server {
  readonly name: "own";
  readonly credentials: Required<S3Server>["credentials"] & { readonly sessionToken?: string };
  /** What it does wrong on purpose. */
  readonly faults: S3Faults;
  /** The requests that it got. */
  readonly requests: RequestLog;
  /** Sets which web pages may use it from now on; `undefined`: none. */
  setCors(rule: CorsRule | undefined): void;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Starts an S3 server in this process, on a free port of 127.0.0.1. It keeps its objects in memory, and in a folder if it gets
 * one, answers as Amazon S3 does (path-style addressing, signature version 4, checksums, conditional requests), and does wrong what its
 * faults say.
 *
 * It has CreateBucket, HeadBucket, DeleteBucket, PutObject, GetObject, HeadObject, DeleteObject and ListObjectsV2; other
 * operations of S3 are 501 `NotImplemented`. It keeps no versions and no multipart uploads.
 *
 * @throws ServerError `ERR_SERVER_START` for a port that is taken, or a folder that can't be used
 */
export async function startOwnS3(options: OwnS3Options = {}): Promise<OwnS3> {
  const now = options.now ?? Date.now;
  const region = options.region ?? "us-east-1";
  const maximumBytes = options.maximumStoredBytes ?? 512 * MEBIBYTE;
  const folder = options.data === undefined ? undefined : new FolderStore(options.data, maximumBytes);
  const store = folder ?? new ObjectStore(maximumBytes);
  const credentials = options.credentials ?? folder?.account(newAccount) ?? newAccount();
  const { publicRead = [], publicList = [] } = options;
  for (const bucket of new Set([...(options.buckets ?? []), ...publicRead, ...publicList])) {
    store.createBucket(bucket);
  }
  const faults = new FaultList(now);
  const requests = new BoundedRequestLog();
  let cors = options.cors;
  const state = {
    store,
    faults,
    requests,
    region,
    now,
    account: credentials,
    publicRead: new Set([...publicRead, ...publicList]),
    publicList: new Set(publicList),
    maximumObjectBytes: options.maximumObjectBytes ?? 64 * MEBIBYTE,
    cors: () => cors,
  };
  const server = createServer((incoming, outgoing) => {
    exchange(state, incoming, outgoing).catch((error: unknown) => {
      // Nothing here should throw. If something does, the request ends and the mistake is seen.
      outgoing.destroy();
      console.error(error);
    });
  });
  // A client that is slow, on a busy machine, must not find its connection closed just as it sends: nothing sends again for it.
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, options.port ?? 0).catch((error: unknown) => {
    folder?.release();
    throw error;
  });
  return {
    name: "own",
    version: "1",
    endpoint: `http://127.0.0.1:${port}`,
    region,
    credentials,
    faults,
    requests,
    setCors: (rule) => {
      cors = rule;
    },
    stop: async () => {
      await close(server);
      folder?.release();
    },
  };
}

function newAccount(): FolderAccount {
  return { accessKeyId: "remote-log", secretAccessKey: randomBytes(20).toString("hex") };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = WHY_NOT.get(error.code ?? "") ?? error.message;
      const message = `The S3 server can't listen at port ${port} of 127.0.0.1: ${why}`;
      reject(new ServerError("ERR_SERVER_START", message, { cause: error }));
    });
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

const WHY_NOT: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "another program has it. Give another port, or none for a free one."],
  ["EACCES", "this user may not. Give one from 1024 on."],
]);

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // The error, if any, is that it is closed already.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
