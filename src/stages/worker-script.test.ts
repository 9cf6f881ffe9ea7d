/** The worker of a clone is TypeScript, which Node runs with tsx. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { expect, it, vi } from "vitest";

it("is the source beside it in a clone", async () => {
  const { workerScript } = await vi.importActual<typeof import("./worker-script.ts")>("./worker-script.ts");
  const { path, execArgv } = workerScript();
  expect(basename(path)).toBe("worker.ts");
  expect(existsSync(path)).toBe(true);
  expect(execArgv).toEqual(["--import", expect.stringContaining("tsx")]);
});
