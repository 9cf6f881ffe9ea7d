import { homedir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it, vi } from "vitest";

import { cacheRoot, dataRoot } from "./locations.ts";

afterEach(() => vi.unstubAllEnvs());

it("the data folder is PDIFF_DATA where it is set", () => {
  vi.stubEnv("PDIFF_DATA", "/some/data");
  expect(dataRoot()).toBe("/some/data");
});

describe("the cache of decoded images", () => {
  it.each([
    ["PDIFF_CACHE", { PDIFF_CACHE: "/own", XDG_CACHE_HOME: "/cache" }, "/own"],
    ["below XDG_CACHE_HOME", { PDIFF_CACHE: "", XDG_CACHE_HOME: "/cache" }, join("/cache", "pdiff")],
    ["below ~/.cache", { PDIFF_CACHE: "", XDG_CACHE_HOME: "" }, join(homedir(), ".cache", "pdiff")],
  ])("is %s", (_, variables, expected) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    expect(cacheRoot()).toBe(expected);
  });
});
