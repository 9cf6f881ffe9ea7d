/** The links of documents to files of the repository. */

/** Targets of a Markdown document's links and pictures that are files, without what follows #. */
export const linksOf = (markdown: string): string[] =>
  [...markdown.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
