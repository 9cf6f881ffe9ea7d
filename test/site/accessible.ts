/**
 * A page of TypeDoc's own theme for screen readers and the keyboard: headings whose levels leave
 * none out, landmarks, and nothing to press inside of what unfolds a section.
 */
import type { NavigationElement } from "typedoc";

/** The levels of headings that TypeDoc chose by size, by what follows the number in their tags. */
const LEVELS: Readonly<Record<string, number>> = {
  // The index of a page is no part of what stands before it.
  ' class="tsd-index-heading uppercase">': 2,
};

/** TypeDoc's script unfolds a hierarchy that has its link in an h4. */
const NEEDED_TAG = /^>Hierarchy \(<a /;

/**
 * The headings of a page, each one level below the heading that it belongs to. They look as before:
 * `data-size` keeps the level that TypeDoc gave them.
 */
function levelled(html: string): string {
  // The levels before and after of the headings around the present one, from the first of the page.
  const above: number[] = [];
  return html.replace(/<h([1-6])\b(.*?)<\/h\1>/gs, (whole, digit: string, rest: string) => {
    const size = Number(digit);
    const wanted = LEVELS[rest.slice(0, rest.indexOf(">") + 1)] ?? size;
    while ((above.at(-1) ?? 0) >= wanted) above.pop();
    const level = above.push(wanted);
    if (level === size) return whole;
    if (NEEDED_TAG.test(rest)) return `<h${size} aria-level="${level}"${rest}</h${size}>`;
    return `<h${level} data-size="${size}"${rest}</h${level}>`;
  });
}

/** Links to sections, after what unfolds the section instead of inside of it. */
const linksOutside = (html: string): string =>
  html.replace(
    /(<summary\b(?:(?!<\/summary>).)*?)(<a\b[^>]*class="tsd-anchor-icon">.*?<\/a>)(.*?<\/summary>)/gs,
    "$1$3$2",
  );

/** A page of TypeDoc's default theme without its barriers. */
export function accessible(html: string): string {
  const [content = "", ...sides] = html.split('<div class="col-sidebar">');
  // The menus beside the content are not part of its last section.
  return (
    [
      levelled(content),
      ...sides.map((side) => side.replace(/<(\/?)h3\b/g, (_, end) => (end ? "</h2" : '<h2 data-size="3"'))),
    ]
      .map(linksOutside)
      .join('<div class="col-sidebar">')
      .replace('<div class="col-content">', '<div class="col-content" role="main">')
      .replace('<nav class="tsd-navigation">', '<nav class="tsd-navigation" aria-label="Site">')
      // Tables that scroll take the keys of arrows. An empty corner heads nothing.
      .replaceAll("<table>", '<table tabindex="0">')
      .replaceAll(/<th\b[^>]*><\/th>/g, "<td></td>")
  );
}

/**
 * Entries of the navigation that only unfold or only lead to a page: the page of an entry that has
 * others below it comes first among them.
 */
export function navigationWithOverviews(elements: readonly NavigationElement[]): NavigationElement[] {
  return elements.map(({ children, ...element }) => {
    if (children === undefined) return element;
    const below = navigationWithOverviews(children);
    const { path, ...folder } = element;
    if (path === undefined) return { ...folder, children: below };
    return { ...folder, children: [{ ...element, text: `Overview of ${element.text}` }, ...below] };
  });
}
