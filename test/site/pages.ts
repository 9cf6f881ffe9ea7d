/** The pages of the site beside the API, by kind, as the index of the documents lists them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { linksOf } from "../support/links.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The kinds of pages, in the order in which the site lists them. */
export const kinds = ["Tutorials", "How-to", "Reference", "Background", "Project"] as const;
export type Kind = (typeof kinds)[number];

/** A page of the site. */
export interface Page {
  /** Where its Markdown is, from the root of the repository. */
  readonly path: string;
  readonly kind: Kind;
  /** Its first heading. */
  readonly title: string;
}

/** Pages that the index of the documents does not list. */
const ofProject = ["docs/README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md"];

/** The first heading of a page. */
const titleOf = (path: string): string => {
  const [, title] = /^# (.+)$/m.exec(read(path)) ?? [];
  if (title === undefined) throw new Error(`${path} has no heading`);
  return title;
};

/** All pages, those of a kind together. */
export function pages(): readonly Page[] {
  const sections = read("docs/README.md").split(/^## /m).slice(1);
  const listed = sections.flatMap((section) => {
    const kind = kinds.find((name) => section.startsWith(`${name}:`));
    if (kind === undefined) throw new Error(`docs/README.md has a section that is no kind of page: ${section}`);
    return linksOf(section).map((target) => ({ path: join("docs", target), kind }));
  });
  return [...listed, ...ofProject.map((path) => ({ path, kind: "Project" as const }))].map((page) => ({
    ...page,
    title: titleOf(page.path),
  }));
}
