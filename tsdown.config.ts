/** How dist/ is made: the library, the command line, the process that works on other cores and the thread that makes batches. */
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    pdiff: "src/cli/main.ts",
    worker: "src/pipeline/worker.ts",
    "feed-worker": "src/data/feed-worker.ts",
  },
  platform: "node",
  fixedExtension: false,
  target: "node20.19",
  dts: { entry: "src/index.ts" },
});
