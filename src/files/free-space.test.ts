import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

import { freeSpace } from "./free-space.ts";

it("measures the disk of a folder that does not exist yet", async () => {
  const { folder, freeBytes } = await freeSpace(join(tmpdir(), "not", "here"));
  expect(folder).toBe(tmpdir());
  expect(freeBytes).toBeGreaterThan(0);
});
