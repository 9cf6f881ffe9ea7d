import { createHash } from "node:crypto";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { documentOf } from "./document.ts";
import { script, scriptSource } from "./page-script.ts";

const source = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

describe("the script of a page", () => {
  it("is the only one that the policy of the page allows", async () => {
    const { document } = parseHTML(await documentOf("a", "", []));
    const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]")?.getAttribute("content");
    const [inPage, ...others] = document.querySelectorAll("script");
    expect(policy).toContain(`script-src ${source(inPage?.textContent ?? "")};`);
    expect(policy).toContain("default-src 'none'");
    expect(others).toEqual([]);
  });

  it("is named by its hash, letters beyond ASCII too", async () => {
    for (const text of ["", "a", "ä – ∞"]) expect(await scriptSource(text)).toBe(source(text));
  });

  it("is JavaScript that cannot end its element early", () => {
    expect(() => new Function(script)).not.toThrow();
    expect(script).not.toMatch(/<\/|<!--/);
  });
});
