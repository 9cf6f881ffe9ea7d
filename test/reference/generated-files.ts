/** The files that are generated from the source, by path. */
import { editorSchema } from "../../src/recipe/index.ts";
import { commandsPage } from "./commands-page.ts";
import { filesPage } from "./files-page.ts";
import { recipePage } from "./recipe-page.ts";

export const generatedFiles = (): Readonly<Record<string, string>> => ({
  "recipes/recipe.schema.json": `${JSON.stringify(editorSchema(), null, 1)}\n`,
  "docs/reference/recipe.md": recipePage(),
  "docs/reference/commands.md": commandsPage(),
  "docs/reference/files.md": filesPage(),
});
