// A fixture whose adapter loses an error: in its first put, in a promise or in a timer, or in every close.
import { memoryStorage } from "@remote-log/memory";

let { STRAY: place } = process.env;

function lose(from) {
  if (place !== from) return;
  const error = new Error("It is lost.");
  if (from === "timer") {
    setTimeout(() => {
      throw error;
    }, 0);
  } else {
    void Promise.reject(error);
  }
  place = undefined;
}

export const fixture = {
  name: "stray",
  create: async () => {
    const storage = memoryStorage();
    return {
      storage: {
        ...storage,
        async put(content, options) {
          lose("promise");
          lose("timer");
          await new Promise((resolve) => setTimeout(resolve, 20));
          return storage.put(content, options);
        },
        async close() {
          lose("close");
          await new Promise((resolve) => setTimeout(resolve, 20));
        },
      },
    };
  },
};
