/** Builds the site of the documents and of the API of the library. */
import { Application, Converter, type DocumentReflection, TSConfigReader, TypeDocReader } from "typedoc";

import { kinds, type Page, pages } from "./pages.ts";
import { SiteTheme } from "./theme.ts";

/** Which site, and where; what is left out is all of it, in docs/site. */
export interface SiteOptions {
  /** A folder, which is emptied before. */
  readonly out?: string;
  /** Files whose exports are documented, and the tsconfig.json that includes them. */
  readonly entryPoints?: readonly string[];
  readonly tsconfig?: string;
  /** `Warn` prints only what is wrong, not where the site is. */
  readonly logLevel?: "Info" | "Warn";
  /** Documents beside the API. */
  readonly documents?: readonly Page[];
}

/**
 * Builds the site, whose paths are from the working directory: the root of the repository. Returns
 * whether all went well; what TypeDoc complains of, such as a link that leads nowhere, is printed.
 */
export async function buildSite({ documents = pages(), ...options }: SiteOptions = {}): Promise<boolean> {
  const given = {
    ...options,
    theme: "site",
    projectDocuments: documents.map(({ path }) => path),
    groupOrder: [...kinds, "Modules", "*"],
  };
  const app = await Application.bootstrapWithPlugins(given as object, [new TypeDocReader(), new TSConfigReader()]);
  app.renderer.defineTheme("site", SiteTheme);

  // In the order of `projectDocuments`.
  let next = 0;
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_: unknown, document: DocumentReflection) => {
    const page = documents[next++];
    if (page === undefined) throw new Error(`${document.name} is no page`);
    document.name = page.title;
    document.frontmatter.group = page.kind;
  });

  const project = await app.convert();
  if (project === undefined) return false;
  // The site writes the name of the project above it.
  const [opening] = project.readme ?? [];
  if (opening !== undefined) opening.text = opening.text.replace(/^# .*\n+/, "");
  app.validate(project);
  await app.generateOutputs(project);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}
