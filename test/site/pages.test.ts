import { globSync } from "tinyglobby";
import { expect, it } from "vitest";

import { kinds, pages } from "./pages.ts";

it("the site has each document once, under the kind that the index gives it", () => {
  const paths = pages().map(({ path }) => path);
  const documents = globSync("docs/**/*.md", { ignore: ["docs/site"] });
  expect(paths.filter((path) => path.startsWith("docs/")).sort()).toEqual(documents.sort());
  expect([...new Set(pages().map(({ kind }) => kind))]).toEqual([...kinds]);
  expect(pages()).toContainEqual({
    path: "docs/tutorials/first-networks.md",
    kind: "Tutorials",
    title: "Your first networks",
  });
});
