// Clients that a hostile server harms, each in its own way.

class TypedError extends Error {
  name = "TypedError";
  code = "ERR_UNREACHABLE";
}

export const operations = {
  async sound(url, signal) {
    const reply = await fetch(url, { signal, redirect: "manual" }).catch(() => {
      signal.throwIfAborted();
      throw new TypedError("The service is gone.");
    });
    await reply.body?.cancel();
    throw new TypedError("The service refused.");
  },
  async collecting(url, signal) {
    const reply = await fetch(url, { signal });
    const pieces = [];
    let length = 0;
    // Enough to be noticed, and not enough to harm who runs the test.
    for await (const piece of reply.body) {
      pieces.push(piece);
      length += piece.length;
      if (length > 200 * 1024 * 1024) break;
    }
    throw new TypedError(`It has ${pieces.length} pieces.`);
  },
  async "following redirects"(url) {
    let reply = await fetch(url, { redirect: "manual" });
    for (let count = 0; count < 50 && reply.headers.has("location"); count++) {
      await reply.body?.cancel();
      reply = await fetch(new URL(reply.headers.get("location"), url), { redirect: "manual" });
    }
    await reply.body?.cancel();
    throw new TypedError("The service refused.");
  },
  async believing(url, signal) {
    const reply = await fetch(url, { signal, redirect: "manual" });
    await reply.body?.cancel();
    return reply.status;
  },
  async untyped(url) {
    const reply = await fetch(url, { redirect: "manual" });
    await reply.body?.cancel();
    throw new Error("It failed.");
  },
};
