import { describe, expect, it } from "vitest";

import { emptyAudit } from "./audit.fixture.ts";
import { documentOf, figureHtml, pairs, panelsHtml, paragraphs, scrolling, section, verdictHtml } from "./document.ts";
import type { Figure } from "./figures/figure.ts";

const figure: Figure = {
  name: "a",
  title: "A <title>",
  caption: "A caption & more.",
  data: { columns: [], rows: [] },
  draw: ({ width }) => `<svg width="${width}"/>`,
};

describe("the parts of a page", () => {
  it("escape the texts that they are given", () => {
    expect(documentOf("<b>", ["<p>a section</p>"])).toContain("<h1>&#60;b&#62;</h1>\n</header>\n<p>a section</p>");
    expect(paragraphs(["a < b", "c"])).toBe("<p>a &#60; b</p>\n<p>c</p>");
    expect(pairs([["a < b", "<c>"]])).toContain('<th scope="row">a &#60; b</th><td>&#60;c&#62;</td>');
    expect(figureHtml(figure, "Figure 1. ")).toContain(
      "<strong>Figure 1. A &#60;title&#62;.</strong> A caption &#38; more.",
    );
  });

  it("are left out when they are empty", () => {
    expect(section("Empty", "", "")).toBe("");
    expect(section("One", "", "<p>1</p>")).toBe("<section>\n<h2>One</h2>\n<p>1</p>\n</section>");
    expect(documentOf("a", ["", "<p>1</p>"])).toContain("</header>\n<p>1</p>");
  });

  it("draw a figure for wide and for narrow screens", () => {
    expect(figureHtml(figure, "").match(/<svg width="\d+"/g)).toEqual(['<svg width="824"', '<svg width="344"']);
  });

  it("give the notes of all panels in one caption", () => {
    expect(panelsHtml([figure, { ...figure, caption: "" }], "Figure 2. ")).toMatch(
      /Figure 2\. Training curves\.<.*A caption &#38; more\.<\/figcaption>/,
    );
  });

  it("name the badge by the verdict", () => {
    expect(verdictHtml(emptyAudit, "Nothing.")).toContain('<span class="badge open">undecided</span>');
  });

  it("let a wide table scroll, by keyboard too", () => {
    expect(scrolling("a table", "<table></table>")).toContain('aria-label="a table" tabindex="0"');
  });
});
