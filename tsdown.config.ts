/** How dist/ is made: the library as index.js with its types, the command line as pdiff.js, and the process it evaluates in. */
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", pdiff: "src/cli/main.ts", "judge-worker": "src/pipeline/judge-worker.ts" },
  platform: "node",
  fixedExtension: false,
  target: "node20.19",
  dts: { entry: "src/index.ts" },
});
