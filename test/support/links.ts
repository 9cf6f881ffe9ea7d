/** The links of documents, the headings that they may lead to, and recipes' mentions of files. */

/** A link or picture: `[text](target#anchor)`. */
export interface Link {
  /** A path relative to the document; empty for a place in the document itself. */
  readonly target: string;
  /** What follows #, empty for none. */
  readonly anchor: string;
}

/** A document without its blocks of code, in which nothing is a link or a heading. */
const withoutCode = (markdown: string): string => markdown.replace(/^( *```)[^\n]*\n[\s\S]*?^\1$/gm, "");

/** The links and pictures of a Markdown document, without those to other hosts. */
export const linksIn = (markdown: string): Link[] =>
  [...withoutCode(markdown).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)]
    .map(([, target = "", anchor = ""]) => ({ target, anchor }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));

/** Targets of a Markdown document's links and pictures that are files, without what follows #. */
export const linksOf = (markdown: string): string[] =>
  linksIn(markdown).flatMap(({ target }) => (target === "" ? [] : [target]));

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  const counts = new Map<string, number>();
  return [...withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const slug = heading
      .replace(/\]\([^)]*\)/g, "]")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** Files of the repository that the comments of a recipe name. */
export const filesInComments = (yaml: string): string[] =>
  [...yaml.matchAll(/^#.*$/gm)].flatMap(
    ([line]) => line.match(/\b(?:docs|recipes)\/[\w./-]+\.(?:md|yaml|json)\b/g) ?? [],
  );
