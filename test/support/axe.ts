/** Barriers that axe-core finds on a page in a browser. */
import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/**
 * What axe-core finds on a page as it is shown, a line each: the rule, what it asks for, the
 * element and the page.
 *
 * @param name of the page, for the lines
 */
export async function barriers(page: Page, name: string): Promise<string[]> {
  // Colours are compared when nothing fades any more.
  await page.evaluate("Promise.all(document.getAnimations().map(({ finished }) => finished)).then(() => {})");
  await page.evaluate(axe.source);
  const run = "axe.run(document, { resultTypes: ['violations'], preload: false })";
  const { violations } = await page.evaluate<AxeResults>(run);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html }) => `${id} (${help}): ${target.join(" ")} of ${name}: ${html.slice(0, 200)}`),
  );
}
