/** How dist/ is made: the library, the command line, the process that works on other cores, and the threads that make batches and noise. */
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    pdiff: "src/cli/main.ts",
    worker: "src/stages/worker.ts",
    "feed-worker": "src/data/feed-worker.ts",
    "noise-worker": "src/training/noise-worker.ts",
  },
  platform: "node",
  fixedExtension: false,
  target: "node20.19",
  dts: { entry: "src/index.ts" },
});
