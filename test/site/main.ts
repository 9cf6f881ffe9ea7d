/**
 * npm run docs
 *
 * Builds one site, docs/site, of the documents and the API of the library. It can be searched, and
 * loads nothing from elsewhere. A link that leads nowhere fails, as does whatever else TypeDoc
 * warns of.
 */
import { fileURLToPath } from "node:url";
import { Application, Converter, type DocumentReflection, PageEvent, TSConfigReader, TypeDocReader } from "typedoc";

import { kinds, pages } from "./pages.ts";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const known = pages();
const options = { projectDocuments: known.map(({ path }) => path), groupOrder: [...kinds, "Modules", "*"] };
const app = await Application.bootstrapWithPlugins(options, [new TypeDocReader(), new TSConfigReader()]);

// In the order of `projectDocuments`.
let next = 0;
app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_: unknown, document: DocumentReflection) => {
  const page = known[next++];
  if (page === undefined) throw new Error(`${document.name} is no page`);
  document.name = page.title;
  document.frontmatter.group = page.kind;
});

// Where the page itself begins, for screen readers; and tables that scroll take the keys of arrows.
app.renderer.on(PageEvent.END, (page: PageEvent) => {
  page.contents = (page.contents ?? "")
    .replace('<div class="col-content">', '<div class="col-content" role="main">')
    .replaceAll("<table>", '<table tabindex="0">');
});

const project = await app.convert();
if (project === undefined) process.exit(1);
// The site writes the name of the project above it.
const [opening] = project.readme ?? [];
if (opening !== undefined) opening.text = opening.text.replace(/^# .*\n+/, "");
app.validate(project);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
