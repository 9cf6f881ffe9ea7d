import { expect, it, vi } from "vitest";

const undici = vi.hoisted(() => ({ isLoaded: false }));
vi.mock("undici", () => {
  undici.isLoaded = true;
  return {};
});

it("the room of data is entered without loading what only downloads need", async () => {
  const { dataSetNames } = await import("./index.ts");
  expect(dataSetNames).toContain("mnist");
  expect(undici.isLoaded).toBe(false);
});
