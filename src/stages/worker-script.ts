/** The program of worker processes: TypeScript in a clone, else a file of the built package. */
import { fileURLToPath } from "node:url";

/** How Node starts a worker. */
export interface WorkerScript {
  readonly path: string;
  /** Options of Node. */
  readonly execArgv: readonly string[];
}

/** The worker that belongs to this program. */
export function workerScript(): WorkerScript {
  const source = import.meta.url.endsWith(".ts");
  return {
    path: fileURLToPath(new URL(source ? "./worker.ts" : "./worker.js", import.meta.url)),
    execArgv: source ? ["--import", import.meta.resolve("tsx")] : [],
  };
}
