import type { S3ClientConfig } from "@aws-sdk/client-s3";

type Retries = Extract<S3ClientConfig["retryStrategy"], { acquireInitialRetryToken: unknown }>;
type RetryToken = Awaited<ReturnType<Retries["acquireInitialRetryToken"]>>;

/** The SDK's own rules for what is sent again, without its pauses: tests make many requests fail. */
export function quickRetries(attempts: number): Retries {
  const token = (count: number): RetryToken => ({
    getRetryCount: () => count,
    getRetryDelay: () => 0,
  });
  return {
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last: RetryToken, { errorType }: { errorType: string }) => {
      const next = last.getRetryCount() + 1;
      if (next >= attempts || errorType === "CLIENT_ERROR") throw new Error("No further try.");
      return token(next);
    },
    recordSuccess: () => undefined,
  };
}
