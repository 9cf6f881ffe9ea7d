/** The report in a real browser: on a telephone and a wide screen, light and dark, and in print. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseHTML } from "linkedom";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditWithEvidence } from "../src/report/evidence.fixture.ts";
import { renderReport } from "../src/report/index.ts";
import { run } from "../src/report/report.fixture.ts";
import { BROWSER_TIMEOUT_MS, findChromium, launch, luminance, type PageFacts, pageFacts } from "./support/browser.ts";

const executable = findChromium();

/** The least size of text, in CSS pixels. */
const LEGIBLE = 9;

/** An A4 page between the style sheet's margins of 16 mm, at 96 pixels an inch. */
const PAPER = { width: Math.floor(((210 - 2 * 16) / 25.4) * 96), height: 1000 };

const telephone = { viewport: { width: 360, height: 800 }, isMobile: true, hasTouch: true };
const desk = { viewport: { width: 1440, height: 900 } };
const views: readonly (readonly [string, BrowserContextOptions])[] = [
  ["on a telephone", { ...telephone, colorScheme: "light" }],
  ["on a telephone in the dark", { ...telephone, colorScheme: "dark" }],
  ["on a wide screen", { ...desk, colorScheme: "light" }],
  ["on a wide screen in the dark", { ...desk, colorScheme: "dark" }],
];

/** What a page complains of, and every address that it asks for. */
function listen(page: Page): { complaints: string[]; requests: string[] } {
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("crash", () => complaints.push("the page crashed"));
  page.on("request", (request) => requests.push(request.url()));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  return { complaints, requests };
}

describe("the report in a browser", () => {
  if (executable === undefined) {
    it.skip("no Chromium here: install one, or name it in PDIFF_CHROMIUM", () => {});
    return;
  }

  const folder = mkdtempSync(join(tmpdir(), "pdiff-test-"));
  const file = join(folder, "report.html");
  const address = pathToFileURL(file).href;
  let browser: Browser | undefined;
  /** What each drawing that the report gives says it shows. */
  let labels: (string | null)[];

  beforeAll(async () => {
    const { html, figures } = await renderReport({ ...run, audit: auditWithEvidence });
    writeFileSync(file, html);
    labels = Object.values(figures).map((svg) =>
      parseHTML(svg).document.querySelector("svg")!.getAttribute("aria-label"),
    );
    browser = await launch(executable, folder);
  }, BROWSER_TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  }, BROWSER_TIMEOUT_MS);

  async function open(options: BrowserContextOptions, media: "screen" | "print") {
    const context = await browser!.newContext(options);
    context.setDefaultTimeout(BROWSER_TIMEOUT_MS);
    const page = await context.newPage();
    await page.emulateMedia({ media });
    const heard = listen(page);
    await page.goto(address);
    const facts = await pageFacts(page);
    await context.close();
    return { ...heard, facts };
  }

  describe.each(views)("%s", (_, options) => {
    const { viewport, colorScheme } = options;
    let facts: PageFacts;
    let complaints: readonly string[];
    let requests: readonly string[];
    beforeAll(async () => {
      ({ facts, complaints, requests } = await open(options, "screen"));
    }, BROWSER_TIMEOUT_MS);

    it("asks for nothing but itself, and nothing goes wrong", () => {
      expect(complaints).toEqual([]);
      expect(requests).toEqual([address]);
    });

    it("is as wide as the window", () => {
      expect(facts.width).toBe(viewport!.width);
      expect(facts.beyond).toEqual([]);
      expect(facts.contentWidth).toBeLessThanOrEqual(facts.width);
    });

    it("shows every figure once, whole and of some size", () => {
      expect(facts.figures.length).toBeGreaterThan(0);
      for (const drawings of facts.figures) expect(drawings).not.toEqual([]);
      const drawings = facts.figures.flat();
      expect(drawings.map(({ label }) => label).toSorted()).toEqual(labels.toSorted());
      for (const { label, width, height, cut } of drawings) {
        expect(Math.min(width, height), label).toBeGreaterThan(50);
        expect(cut, label).toEqual([]);
      }
    });

    it("has no text too small to read", () => {
      expect(facts.smallest.size, facts.smallest.text).toBeGreaterThanOrEqual(LEGIBLE);
    });

    it(`is ${colorScheme}, and so are its figures`, () => {
      const dark = colorScheme === "dark";
      expect(luminance(facts.background) < 0.05).toBe(dark);
      expect(luminance(facts.background) > 0.8).toBe(!dark);
      expect(luminance(facts.ink) > 0.6).toBe(dark);
      for (const { ground, label } of facts.figures.flat()) expect(ground, label).toBe(facts.background);
    });
  });

  it(
    "says what a mark is when it is pointed at, shows buttons that copy, and unfolds tables",
    async () => {
      const context = await browser!.newContext(desk);
      const page = await context.newPage();
      await page.goto(address);
      const mark = page.locator(".verdict figure .wide circle:has(title)").last();
      const said = await mark.locator("title").textContent();
      await mark.hover({ force: true });
      await page.locator(".tip:not([hidden])").waitFor();
      expect(await page.locator(".tip").textContent()).toMatch(/\d/);
      expect(said).toMatch(/\d/);
      await page.keyboard.press("Escape");
      expect(await page.locator(".tip").isVisible()).toBe(false);
      expect(await page.locator("button[data-copy=command]").isVisible()).toBe(true);
      const rows = page.locator("#all-networks tbody th[scope=row]:visible");
      const before = await rows.count();
      await page.locator("#all-networks .unfold input").check();
      expect(before).toBe(6);
      expect(await rows.count()).toBeGreaterThan(before);
      await context.close();
    },
    BROWSER_TIMEOUT_MS,
  );

  describe("in print", () => {
    let facts: PageFacts;
    beforeAll(async () => {
      ({ facts } = await open({ viewport: PAPER, colorScheme: "dark" }, "print"));
    }, BROWSER_TIMEOUT_MS);

    it("fits on the paper", () => {
      expect(facts.beyond).toEqual([]);
      expect(facts.contentWidth).toBeLessThanOrEqual(facts.width);
      for (const drawings of facts.figures) expect(drawings).not.toEqual([]);
    });

    it("is light, even where the screen is dark", () => {
      expect(luminance(facts.background)).toBeGreaterThan(0.8);
      expect(luminance(facts.ink)).toBeLessThan(0.05);
    });
  });
});
