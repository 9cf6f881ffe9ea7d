import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { exists } from "./exists.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

it("finds files and folders, and no links that lead nowhere", async () => {
  const folder = folders.make();
  writeFileSync(join(folder, "file"), "");
  symlinkSync(join(folder, "gone"), join(folder, "link"));
  const seen = ["", "file", "missing", "link", join("file", "below")].map((name) => exists(join(folder, name)));
  expect(await Promise.all(seen)).toEqual([true, true, false, false, false]);
});
