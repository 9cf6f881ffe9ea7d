import { describe, expect, it } from "vitest";

import { clean, escapeHtml, prose, shorten, slug } from "./html.ts";

describe("text from outside", () => {
  it("is escaped when it contains markup", () => {
    expect(escapeHtml(`<a href="x">&'`)).toBe("&#60;a href=&#34;x&#34;&#62;&#38;&#39;");
  });

  it("loses the characters that XML forbids", () => {
    expect(clean("a\u0000b\u001bc\ud800d\r\ne\tf")).toBe("a\ufffdb\ufffdc\ufffdd\ne\tf");
  });

  it("has curved apostrophes and an index when it is a sentence", () => {
    expect(prose("the samples' Z_U is < 'that'")).toBe("the samples’ <i>Z</i><sub>U</sub> is &#60; &#39;that’");
  });

  it("is lower-case letters, digits and hyphens when it is an id", () => {
    expect([slug("Seen, <against> Unseen!"), slug("../损失")]).toEqual(["seen-against-unseen", ""]);
  });

  it("is shortened with an ellipsis when it is long", () => {
    expect(shorten("a long name", 6)).toBe("a lon…");
    expect(shorten("name", 6)).toBe("name");
    expect(shorten("😀😀😀", 2)).toBe("😀…");
  });
});
