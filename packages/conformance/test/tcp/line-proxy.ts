import type { TcpFaultProxyOptions } from "@remote-log/conformance/fault-proxy";

const textOf = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

/** What the proxy has to know of the protocol of the line service. */
export const lineProtocol: Omit<TcpFaultProxyOptions, "target"> = {
  messageLength: (bytes) => bytes.indexOf(0x0a) + 1,
  isRequest: (line) => !/^(AUTH|PING)\b/.test(textOf(line)),
  isReply: (line) => /^[-+=]/.test(textOf(line)),
  replies: { failing: "-BUSY\n", denied: "-DENIED\n", quota: () => "-FULL\n" },
  withoutEnd: (reply) => {
    const begin = reply.subarray(0, reply.length - 1);
    // An answer of two words ends with digits, like the one that has a content; the others are words.
    return { begin, more: new TextEncoder().encode("00") };
  },
  changeContent(reply, change) {
    const found = /^(=(?:\d+ )?)([\da-f]*)\n$/.exec(textOf(reply));
    if (found === null) return reply;
    return new TextEncoder().encode(
      `${found[1]}${Buffer.from(change(Buffer.from(found[2]!, "hex"))).toString("hex")}\n`,
    );
  },
};
