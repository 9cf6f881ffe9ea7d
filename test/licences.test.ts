import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { licencesDocument, licencesText, lockFile } from "./licences.ts";

it("the document of licences is that of the lock file (npm run licences)", () => {
  expect(licencesDocument()).toBe(licencesText(lockFile()));
  expect(licencesDocument()).not.toContain("not named");
});

it("packages of development are left out, and licences that ask for more come first", () => {
  const text = licencesText({
    packages: {
      "": { version: "1.0.0", license: "MIT" },
      "node_modules/b": { version: "1.0.0", license: "MIT" },
      "node_modules/a/node_modules/@x/c": {
        version: "2.0.0",
        license: "Apache-2.0 AND LGPL-3.0-or-later",
        optional: true,
      },
      "node_modules/d": { version: "1.0.0", license: "GPL-3.0", dev: true },
    },
  });
  const rows = text.split("\n").filter((line) => /^\| (?!package)/.test(line));
  expect(rows).toEqual(["| @x/c | 2.0.0 | Apache-2.0 AND LGPL-3.0-or-later | some |", "| b | 1.0.0 | MIT | all |"]);
});

it("the README names every licence that asks for more", () => {
  const readme = readFileSync("README.md", "utf8");
  expect(licencesDocument()).toContain("LGPL-3.0-or-later");
  for (const name of ["@saehrimnir/druidjs", "libvips", "LGPL"]) expect(readme).toContain(name);
});
