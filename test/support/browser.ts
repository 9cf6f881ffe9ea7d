/** A Chromium for tests of pages, where the machine has one; nothing is downloaded for it. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

import { type Browser, chromium, type Page } from "playwright-core";

/** A browser that is started while every core is busy takes its time. */
export const BROWSER_TIMEOUT_MS = 180_000;

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Some systems have a script of this name that only tells how to install the browser. */
function answers(file: string): boolean {
  try {
    const version = execFileSync(file, ["--version"], { stdio: ["ignore", "pipe", "ignore"], timeout: 60_000 });
    return /chrom/i.test(version.toString());
  } catch {
    return false;
  }
}

/**
 * What `PDIFF_CHROMIUM` names, else the first Chromium of the search path; undefined where there is
 * none.
 */
export function findChromium(): string | undefined {
  if (process.env.PDIFF_CHROMIUM) return process.env.PDIFF_CHROMIUM;
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  const files = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return files.find((file) => existsSync(file) && answers(file));
}

/**
 * Starts a Chromium that asks nothing of the network. Its profile is new and gone when it is
 * closed; what it writes besides goes into the folder instead of the user's own.
 */
export const launch = (executablePath: string, folder: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    timeout: BROWSER_TIMEOUT_MS,
    env: { ...process.env, XDG_CONFIG_HOME: join(folder, "config"), XDG_CACHE_HOME: join(folder, "cache") },
    args: [
      "--no-sandbox", // root, as whom containers run, has none
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** What page-facts.js measures on a page, lengths in CSS pixels. */
export interface PageFacts {
  /** Of the window, and of all that is laid out. */
  readonly width: number;
  readonly contentWidth: number;
  /**
   * Elements that reach beyond the window's left or right edge, unless a box around them scrolls or
   * hides that.
   */
  readonly beyond: readonly string[];
  /** For every figure its visible drawings. */
  readonly figures: readonly (readonly Drawing[])[];
  /** The smallest visible text, as it is seen. */
  readonly smallest: { readonly text: string; readonly size: number };
  /** Of the body, `rgb(r, g, b)`. */
  readonly background: string;
  readonly ink: string;
}

export interface Drawing {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** Fill of the rectangle behind it. */
  readonly ground: string;
  /** Texts that reach beyond its edges. */
  readonly cut: readonly string[];
}

const measure = readFileSync(fileURLToPath(new URL("./page-facts.js", import.meta.url)), "utf8");

export const pageFacts = (page: Page): Promise<PageFacts> => page.evaluate<PageFacts>(measure);

/**
 * Relative luminance (WCAG 2) of an opaque `rgb(r, g, b)`: 0 black, 1 white. NaN for what is no
 * such colour.
 */
export function luminance(colour: string): number {
  const channels = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour)?.slice(1).map(Number) ?? [Number.NaN];
  const [r, g, b] = channels.map((value) => {
    const c = value / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
