/** Builds dist/: the library, the command line, the worker process, and the threads. */
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    pdiff: "src/cli/main.ts",
    worker: "src/stages/worker.ts",
    "feed-worker": "src/data/feed-worker.ts",
    "noise-worker": "src/runtime-node/noise-worker.ts",
  },
  platform: "node",
  fixedExtension: false,
  target: "node20.19",
  dts: { entry: "src/index.ts" },
});
