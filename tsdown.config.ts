/** Builds dist/: the library and its subpaths, the command line, the worker process, and the threads. */
import { defineConfig } from "tsdown";

/** The public entries: the verbs, and the rooms that they are made of. */
const library = {
  index: "src/index.ts",
  graph: "src/graph/index.ts",
  nn: "src/nn/index.ts",
  diffusion: "src/diffusion/index.ts",
  baselines: "src/baselines/index.ts",
  evaluation: "src/evaluation/index.ts",
  checkpoints: "src/checkpoints/index.ts",
  layout: "src/layout/index.ts",
  random: "src/random/index.ts",
};

export default defineConfig({
  entry: {
    ...library,
    pdiff: "src/cli/main.ts",
    worker: "src/stages/worker.ts",
    "feed-worker": "src/data/feed-worker.ts",
    "noise-worker": "src/runtime-node/noise-worker.ts",
  },
  platform: "node",
  fixedExtension: false,
  target: "node20.19",
  dts: { entry: Object.values(library) },
});
