// For workerd, the runtime of Cloudflare Workers: a request brings the bucket, and the answer is what was seen.

import { allRemotes, type Bucket } from "./all-remotes.ts";

/** What a worker exports. */
interface Worker {
  fetch(request: Request): Promise<Response>;
}

const worker: Worker = {
  async fetch(request) {
    try {
      return new Response(await allRemotes((await request.json()) as Bucket, {}));
    } catch (error) {
      return new Response((error as Error).stack ?? String(error), { status: 500 });
    }
  },
};

// biome-ignore lint/style/noDefaultExport: workerd asks for it.
export default worker;
