/**
 * Barriers for people who use a screen reader or the keyboard, or need contrast: axe-core finds
 * none in the report, narrow and dark or wide and light. With `PDIFF_THOROUGH=1` it looks at every
 * page of the site, too, and at both widths in both schemes.
 */
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page, ViewportSize } from "playwright-core";
import { globSync } from "tinyglobby";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditWithEvidence } from "../src/report/evidence.fixture.ts";
import { renderComparison, renderReport } from "../src/report/index.ts";
import { run } from "../src/report/report.fixture.ts";
import { pages } from "./site/pages.ts";
import { barriers } from "./support/axe.ts";
import { BROWSER_TIMEOUT_MS, findChromium, launch } from "./support/browser.ts";
import { temporaryFolders } from "./support/temporary-folders.ts";
import { isThorough } from "./support/thorough.ts";

const executable = findChromium();

const narrow = { width: 390, height: 844 };
const wide = { width: 1440, height: 900 };
/** All pages of the site take an hour. */
const SITE_TIMEOUT_MS = 60 * BROWSER_TIMEOUT_MS;

const views: readonly { readonly size: ViewportSize; readonly colorScheme: "light" | "dark" }[] = [
  { size: narrow, colorScheme: "dark" },
  { size: wide, colorScheme: "light" },
  ...(isThorough
    ? ([
        { size: narrow, colorScheme: "light" },
        { size: wide, colorScheme: "dark" },
      ] as const)
    : []),
];

describe("axe-core", () => {
  if (executable === undefined) {
    it.skip("no Chromium here: install one, or name it in PDIFF_CHROMIUM", () => {});
    return;
  }

  const folders = temporaryFolders();
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launch(executable, folders.make());
  }, BROWSER_TIMEOUT_MS);
  afterAll(async () => {
    await browser?.close();
    folders.remove();
  }, BROWSER_TIMEOUT_MS);

  /** Looks at files in every view, and calls `unfold` on each before. */
  async function found(files: readonly string[], unfold: (page: Page) => Promise<void>): Promise<string[]> {
    const all: string[] = [];
    const page = await browser!.newPage();
    page.setDefaultTimeout(BROWSER_TIMEOUT_MS);
    for (const file of files) {
      await page.goto(pathToFileURL(file).href);
      await unfold(page);
      for (const { size, colorScheme } of views) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        all.push(...(await barriers(page, `${file}, ${size.width} pixels wide, ${colorScheme}`)));
      }
    }
    await page.close();
    return all;
  }

  it(
    "names the rule, the element and the page of a barrier",
    async () => {
      const page = await browser!.newPage();
      await page.setContent('<html lang="en"><title>a</title><main><h1>a</h1><h3 id="deep">b</h3></main></html>');
      const [barrier, ...others] = await barriers(page, "a page");
      expect(barrier).toMatch(/^heading-order \(.+\): #deep of a page: <h3 id="deep">b<\/h3>$/);
      expect(others).toEqual([]);
      await page.close();
    },
    BROWSER_TIMEOUT_MS,
  );

  describe("in a report and a comparison of runs", () => {
    it(
      "finds nothing",
      async () => {
        const folder = folders.make();
        const audited = { name: "one", audit: auditWithEvidence };
        const html = {
          "report.html": (await renderReport({ ...run, audit: auditWithEvidence })).html,
          "comparison.html": await renderComparison({
            runs: [audited, { name: "two", audit: run.audit }],
            differences: [{ name: "two", changes: ["zoo.count: 200 → 100"] }],
          }),
        };
        for (const [name, text] of Object.entries(html)) writeFileSync(join(folder, name), text);
        // The marks of a figure are alike, and thousands: a few of them stand for all.
        const unfold = (page: Page): Promise<void> =>
          page.evaluate(`
            for (const each of document.querySelectorAll("details")) each.open = true;
            for (const each of document.querySelectorAll(".unfold input")) each.click();
            for (const each of document.querySelectorAll("svg :is(circle, path):nth-of-type(n + 21)")) each.remove();
          `);
        const files = Object.keys(html).map((name) => join(folder, name));
        expect(await found(files, unfold)).toEqual([]);
      },
      BROWSER_TIMEOUT_MS,
    );
  });

  describe("in the site", () => {
    if (!isThorough) {
      it.skip("is looked for with PDIFF_THOROUGH=1", () => {});
      return;
    }

    /** Until the script of the page has put the navigation together; with everything unfolded. */
    async function unfold(page: Page): Promise<void> {
      await page.locator("#tsd-nav-container a").first().waitFor({ state: "attached" });
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    }

    let small: string;
    beforeAll(async () => {
      small = folders.make();
      const { buildSite } = await import("./site/build.ts");
      const fixture = "test/fixtures/site";
      // Prose and code, and tables with links and empty corners.
      const chosen = ["docs/README.md", "docs/tutorials/first-networks.md", "docs/performance.md"];
      await buildSite({
        out: small,
        logLevel: "Warn",
        entryPoints: [`${fixture}/library.ts`],
        tsconfig: `${fixture}/tsconfig.json`,
        documents: pages().filter(({ path }) => chosen.includes(path)),
      });
    }, BROWSER_TIMEOUT_MS);

    it(
      "finds nothing on a page of each kind",
      async () => {
        const files = globSync("**/*.html", { cwd: small, absolute: true });
        const folder = (file: string) => relative(small, file).split("/").slice(0, -1).join("/");
        expect([...new Set(files.map(folder))].toSorted()).toEqual([
          "",
          "classes",
          "documents",
          "functions",
          "interfaces",
          "modules",
          "types",
          "variables",
        ]);
        expect(await found(files, unfold)).toEqual([]);
      },
      BROWSER_TIMEOUT_MS,
    );

    it(
      "finds nothing in the menu of a telephone",
      async () => {
        const page = await browser!.newPage({ viewport: narrow });
        await page.goto(pathToFileURL(join(small, "index.html")).href);
        await page.locator("#tsd-toolbar-menu-trigger").click();
        await page.locator("nav[aria-label=Site]").waitFor();
        await unfold(page);
        expect(await barriers(page, "the menu")).toEqual([]);
        await page.close();
      },
      BROWSER_TIMEOUT_MS,
    );

    it(
      "finds nothing in the search, whose results the keyboard and the mouse reach",
      async () => {
        const page = await browser!.newPage({ viewport: wide });
        page.setDefaultTimeout(BROWSER_TIMEOUT_MS);
        const search = async () => {
          await page.goto(pathToFileURL(join(small, "index.html")).href);
          await page.locator("#tsd-search-trigger").click();
          await page.locator("#tsd-search-input").fill("largest");
          await page.locator("#tsd-search-results li").first().waitFor();
        };
        await search();
        expect(await barriers(page, "the search")).toEqual([]);
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("Enter");
        await page.waitForURL("**/functions/library.largest.html");
        await search();
        await page.locator("#tsd-search-results li").first().click();
        await page.waitForURL("**/functions/library.largest.html");
        await page.close();
      },
      BROWSER_TIMEOUT_MS,
    );

    it(
      "finds nothing on any page",
      async () => {
        const all = folders.make();
        const { buildSite } = await import("./site/build.ts");
        expect(await buildSite({ out: all })).toBe(true);
        const files = globSync("**/*.html", { cwd: all, absolute: true });
        expect(files.length).toBeGreaterThan(300);
        expect(await found(files, unfold)).toEqual([]);
      },
      SITE_TIMEOUT_MS,
    );
  });
});
