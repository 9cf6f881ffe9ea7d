/**
 * Builds the program once for all tests that start it, as npm would install it: from source each
 * start would take seconds.
 */
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "tsdown";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of the built `pdiff`. */
    readonly program: string;
  }
}

/** Called by Vitest before all tests; what it returns is called after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Beside the package's own build, where the program finds recipes/ as it does in the package.
  const builds = fileURLToPath(new URL("../../dist", import.meta.url));
  await mkdir(builds, { recursive: true });
  const folder = await mkdtemp(join(builds, "tests-"));
  await build({ outDir: folder, dts: false, logLevel: "warn" });
  // npm links to the file under the program's own name, which printed commands repeat.
  const program = join(folder, "pdiff");
  await symlink("pdiff.js", program);
  project.provide("program", program);
  return () => rm(folder, { recursive: true, force: true });
}
