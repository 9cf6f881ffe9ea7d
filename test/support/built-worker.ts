/** Worker processes of tests run the built program: from source, each start would take seconds. */
import { dirname, join } from "node:path";
import { inject, vi } from "vitest";

vi.mock("../../src/stages/worker-script.ts", () => ({
  workerScript: () => ({ path: join(dirname(inject("program")), "worker.js"), execArgv: [] }),
}));
