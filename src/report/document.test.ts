import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { emptyAudit } from "./audit.fixture.ts";
import {
  copied,
  documentOf,
  figureHtml,
  folded,
  pairs,
  panelsHtml,
  paragraphs,
  section,
  tilesHtml,
  verdictHtml,
} from "./document.ts";
import type { Figure } from "./figures/figure.ts";

const figure: Figure = {
  name: "a",
  title: "A <title>",
  caption: "A caption & more.",
  data: { columns: [], rows: [] },
  draw: ({ width }) => `<svg width="${width}"/>`,
};

describe("the parts of a page", () => {
  it("escape the texts that they are given", async () => {
    const html = await documentOf("<b>", "<p>a section</p>", []);
    expect(html).toContain("<h1>&#60;b&#62;</h1>");
    expect(html).toContain("<main>\n<p>a section</p>\n</main>");
    expect(paragraphs(["a < b", "c"])).toBe("<p>a &#60; b</p>\n<p>c</p>");
    expect(pairs([["a < b", "<c>"]])).toContain('<th scope="row">a &#60; b</th><td>&#60;c&#62;</td>');
    expect(figureHtml(figure, 1).html).toContain("</a>. A &#60;title&#62;.</strong> A caption &#38; more.");
    expect(tilesHtml([{ label: "<a>", value: "<b>", note: "<c>" }], [])).toContain(
      '<dt>&#60;a&#62;</dt><dd class="value">&#60;b&#62;</dd><dd class="note">&#60;c&#62;</dd>',
    );
    expect(copied("recipe", "<a>")).toContain('<pre id="recipe" tabindex="0">&#60;a&#62;</pre>');
    expect(folded("<a>", "<p>b</p>")).toContain("<summary>&#60;a&#62;</summary>\n<p>b</p>");
  });

  it("are left out when they are empty", async () => {
    expect(section("empty", "Empty", "", "").html).toBe("");
    expect(section("one", "One", "", "<p>1</p>").html).toBe('<section id="one">\n<h2>One</h2>\n<p>1</p>\n</section>');
    expect(tilesHtml([], [])).toBe("");
    const html = await documentOf("a", "", [section("empty", "Empty"), section("one", "One", "<p>1</p>")]);
    expect(html).toContain('<main>\n<section id="one">');
    expect(html).not.toContain("Empty");
    expect(await documentOf("a", "", [])).not.toContain("<nav");
  });

  it("are listed in the contents, figures under their sections", async () => {
    const { document } = parseHTML(await documentOf("a", "", [section("one", "One", figureHtml(figure, 3))]));
    const links = [...document.querySelectorAll("nav a")];
    expect(links.map((link) => [link.getAttribute("href"), link.textContent])).toEqual([
      ["#one", "One"],
      ["#figure-a", "3. A <title>"],
    ]);
    for (const link of document.querySelectorAll("a"))
      expect(document.querySelector(link.getAttribute("href") ?? "")).not.toBeNull();
  });

  it("draw a figure for wide and for narrow screens", () => {
    expect(figureHtml(figure, 1).html.match(/<svg width="\d+"/g)).toEqual(['<svg width="824"', '<svg width="344"']);
  });

  it("give the notes of all panels in one caption", () => {
    expect(panelsHtml([figure, { ...figure, caption: "" }], 2).html).toMatch(
      /Figure 2<\/a>\. Training curves\.<.*A caption &#38; more\.<\/figcaption>/,
    );
  });

  it("name the badge by the verdict", () => {
    expect(verdictHtml(emptyAudit, "Nothing.")).toContain('<span class="badge open">undecided</span>');
  });
});
