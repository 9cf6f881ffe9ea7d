import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";

import { accessible, navigationWithOverviews } from "./accessible.ts";

const page = (content: string, sides = ""): string =>
  `<body><div class="col-content">${content}</div><div class="col-sidebar">${sides}</div></body>`;

/** Level and text of every heading. */
const outline = (html: string): string[] =>
  [...parseHTML(html).document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(
    (heading) => `${heading.getAttribute("aria-level") ?? heading.localName.slice(1)} ${heading.textContent}`,
  );

describe("headings", () => {
  it("are one level below the heading that they belong to", () => {
    const html = page(
      "<h1>f</h1><h4>Parameters</h4><h5>unit</h5><h5>by</h5><h4>Returns</h4><h2>Members</h2><h3>a</h3>",
    );
    expect(outline(accessible(html))).toEqual([
      "1 f",
      "2 Parameters",
      "3 unit",
      "3 by",
      "2 Returns",
      "2 Members",
      "3 a",
    ]);
  });

  it("keep the size of the level that they had", () => {
    expect(accessible(page('<h1>f</h1><h4 id="p">Parameters</h4>'))).toContain(
      '<h1>f</h1><h2 data-size="4" id="p">Parameters</h2>',
    );
  });

  it("stay as they are where no level is left out", () => {
    const content = "<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h2>e</h2>";
    expect(accessible(page(content))).toContain(content);
  });

  it("of the index of a page are not below the section before it", () => {
    const index = '<h5 class="tsd-index-heading uppercase">Index</h5><h3>Properties</h3>';
    const html = accessible(page(`<h1>A</h1><h4>Hierarchy</h4>${index}<h2>Properties</h2>`));
    expect(outline(html)).toEqual(["1 A", "2 Hierarchy", "2 Index", "3 Properties", "2 Properties"]);
  });

  it("of a hierarchy with a link keep the tag that TypeDoc's script looks for", () => {
    const html = accessible(page('<h1>A</h1><h4>Hierarchy (<a href="h.html">View Summary</a>)</h4>'));
    expect(outline(html)).toEqual(["1 A", "2 Hierarchy (View Summary)"]);
    expect(html).toContain('<h4 aria-level="2">Hierarchy');
  });

  it("beside the page are not below its last section", () => {
    const html = accessible(page("<h1>A</h1><h2>B</h2>", "<h3>Settings</h3>"));
    expect(outline(html)).toEqual(["1 A", "2 B", "2 Settings"]);
  });
});

it("what unfolds a section holds no link: the link to the section comes after it", () => {
  const link = (id: string) => `<a href="#${id}" aria-label="Permalink" class="tsd-anchor-icon"><svg></svg></a>`;
  const section = (id: string, inner: string, after: string) =>
    `<details><summary><svg></svg><h2>${id}${inner}</h2></summary>${after}<p>${link("other")}</p></details>`;
  const html = accessible(page(`<h1>A</h1>${section("a", link("a"), "")}${section("b", "", "")}`));
  expect(html).toContain(section("a", "", link("a")) + section("b", "", ""));
});

it("the page and the navigation are landmarks, and the navigation has a name", () => {
  const { document } = parseHTML(accessible(page("<h1>A</h1>", '<nav class="tsd-navigation"></nav>')));
  expect(document.querySelector("[role=main] h1")?.textContent).toBe("A");
  expect(document.querySelector("nav")?.getAttribute("aria-label")).toBe("Site");
});

it("a table takes the focus, and its empty corner is no heading", () => {
  const table = "<table><tr><th></th><th>a</th></tr></table>";
  expect(accessible(page(table))).toContain('<table tabindex="0"><tr><td></td><th>a</th></tr></table>');
});

it("scripts and code stay as they are", () => {
  const rest = '<script>if (a < b && "<h3>") f();</script><pre><code>&lt;h4&gt;</code><button>Copy</button></pre>';
  expect(accessible(page(rest))).toContain(rest);
});

it("an entry of the navigation unfolds others or leads to a page, never both", () => {
  const leaf = { text: "key", path: "functions/key.html", kind: 64 };
  const group = { text: "Functions", children: [leaf] };
  const library = { text: "random", path: "modules/random.html", kind: 2, children: [group] };
  expect(navigationWithOverviews([leaf, { text: "Library", children: [library] }])).toEqual([
    leaf,
    {
      text: "Library",
      children: [
        {
          text: "random",
          kind: 2,
          children: [{ text: "Overview of random", path: "modules/random.html", kind: 2 }, group],
        },
      ],
    },
  ]);
});
