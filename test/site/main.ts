/**
 * npm run docs
 *
 * Builds one site, docs/site, of the documents and the API of the library. It can be searched, and
 * loads nothing from elsewhere. A link that leads nowhere fails, as does whatever else TypeDoc
 * warns of.
 */
import { fileURLToPath } from "node:url";

import { buildSite } from "./build.ts";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
if (!(await buildSite())) process.exit(1);
