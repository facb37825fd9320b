import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { executablePath, startChromium } from "../../../../core/test/browser/chromium.ts";
import { Place } from "../../rlog.ts";
import { serveFolder } from "../web-server.ts";

const root = fileURLToPath(new URL("../../../../..", import.meta.url));
const canRun = executablePath !== undefined || process.env["CI"] !== undefined;

/** The code of a language in the README's part about web servers. */
async function shown(language: string): Promise<string> {
  const text = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
  const part = /^### A web server$([\s\S]*?)^##/m.exec(text)![1]!;
  return new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "m").exec(part)![1]!;
}

test.skipIf(!canRun)(
  "the page in the README reads what a mirror wrote, as any web server serves it",
  async () => {
    const place = await Place.make();
    await place.log();
    await place.ok(["append", "--publish"], "one\ntwo\n");
    const link = (await place.ok(["link"])).out.trim();
    await place.ok(["mirror", link, "--to", "static:public/log"]);
    await writeFile(place.path("public", "index.html"), await shown("html"));
    const { outputFiles } = await build({
      stdin: { contents: await shown("js"), resolveDir: root },
      bundle: true,
      write: false,
      format: "esm",
      conditions: ["@remote-log/source"],
      logLevel: "silent",
    });
    await writeFile(place.path("public", "remote-log.js"), outputFiles[0]!.contents);
    const { url } = await serveFolder(place.path("public"));
    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`${url}/index.html#${link}`);
      await page.locator("#entries li").nth(1).waitFor({ timeout: 120_000 });
      expect(await page.locator("#entries li").allTextContents()).toEqual(["one", "two"]);
      await place.ok(["append", "three", "--publish"]);
      await place.ok(["mirror", link, "--to", "static:public/log"]);
      await page.locator("#entries li").nth(2).waitFor({ timeout: 120_000 });
      expect(await page.locator("#entries li").allTextContents()).toEqual(["one", "two", "three"]);
    } finally {
      await browser.close();
    }
  },
);
