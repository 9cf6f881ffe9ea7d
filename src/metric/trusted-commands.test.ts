import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { isTrusted, requireTrusted, trustCommand } from "./trusted-commands.ts";

let settings: string;
beforeEach(() => {
  settings = mkdtempSync(join(tmpdir(), "pdiff-settings-"));
  vi.stubEnv("XDG_CONFIG_HOME", settings);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(settings, { recursive: true });
});

const list = () => join(settings, "pdiff", "commands.json");

describe("a command of a recipe", () => {
  it("is trusted once the user has typed or confirmed it, and no other is", async () => {
    expect(await isTrusted("python eval.py {checkpoint}")).toBe(false);
    await trustCommand("python eval.py {checkpoint}");
    await trustCommand("other {checkpoint}");
    expect(await isTrusted("python eval.py {checkpoint}")).toBe(true);
    expect(await isTrusted("python eval.py {checkpoint} ; id")).toBe(false);
    expect(Object.values(JSON.parse(readFileSync(list(), "utf8")))).toContain("python eval.py {checkpoint}");
  });

  it("is refused otherwise, shown whole and with its control characters visible", async () => {
    const command = `id > x; ${"#".repeat(300)}\u001b[2K {checkpoint}`;
    const refused = requireTrusted(command);
    await expect(refused).rejects.toMatchObject({
      code: "E_CONFIG",
      message: expect.stringContaining("--allow-command"),
    });
    await expect(refused).rejects.toThrow(`${"#".repeat(300)}\\u001b[2K {checkpoint}`);
  });

  it("is not trusted by a damaged list, nor by a list that names it under another hash", async () => {
    await trustCommand("a {checkpoint}");
    const [hash] = Object.keys(JSON.parse(readFileSync(list(), "utf8")));
    writeFileSync(list(), JSON.stringify({ [`${hash}`]: "a {checkpoint}", ["0".repeat(64)]: "b {checkpoint}" }));
    expect(await isTrusted("b {checkpoint}")).toBe(false);
    writeFileSync(list(), "{");
    expect(await isTrusted("a {checkpoint}")).toBe(false);
  });
});
