import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const source = fileURLToPath(new URL("src/", import.meta.url));

/** Tests that replace whole modules, which other tests of the same process would see. */
const replacing = [
  "src/api.test.ts",
  "src/cli/terminal/terminal.test.ts",
  "src/data/feed-worker.test.ts",
  "src/data/index.test.ts",
  "src/evaluation/evaluator.test.ts",
  "src/files/unpack.test.ts",
  "src/metric/measure.test.ts",
  "src/recipe/catalogue.test.ts",
  "src/run/checkpoint-matrix.test.ts",
  "src/runtime-node/machine.test.ts",
  "src/stages/collect/references.test.ts",
  "src/stages/require-memory.test.ts",
  "src/stages/worker-pool.test.ts",
];

export default defineConfig({
  // As the examples import it.
  resolve: {
    alias: [
      { find: /^neural-network-diffusion$/, replacement: `${source}index.ts` },
      { find: /^neural-network-diffusion\/(\w+)$/, replacement: `${source}$1/index.ts` },
    ],
  },
  test: {
    // Files that share a process load the program once; that is most of the time of small tests.
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"],
          exclude: replacing,
          isolate: false,
        },
      },
      { extends: true, test: { name: "replacing", include: replacing } },
    ],
    globalSetup: "test/support/build-program.ts",
    setupFiles: "test/support/built-worker.ts",
    // The program remembers trusted commands there, not among the settings of who runs the tests.
    env: { XDG_CONFIG_HOME: join(tmpdir(), "pdiff-tests") },
    testTimeout: 60_000,
    // What is made before tests is made as they are: a run of seconds, which a busy machine may stretch.
    hookTimeout: 60_000,
    pool: "forks",
    // Vitest leaves one core alone, which on a machine of two is half of it.
    maxWorkers: "100%",
    reporters: ["default"],
  },
});
