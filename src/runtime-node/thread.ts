/** Threads of this program, from TypeScript in a clone or from the built package. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * Starts a thread.
 * @param script the name of its file without extension, beside the one whose address `base` is
 *   (`import.meta.url`).
 * @param workerData what it is started with.
 */
export function startThread(script: string, base: string, workerData: unknown): Worker {
  if (!base.endsWith(".ts")) return new Worker(new URL(`./${script}.js`, base), { workerData });
  // A thread does not inherit the loader of TypeScript, so it first asks for it.
  const tsx = pathToFileURL(createRequire(base).resolve("tsx/package.json"));
  const loader = new URL("dist/esm/api/index.mjs", tsx).href;
  const file = new URL(`./${script}.ts`, base).href;
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => { register({ tsconfig: false }); return import(${JSON.stringify(file)}); })`;
  return new Worker(code, { workerData, eval: true });
}
