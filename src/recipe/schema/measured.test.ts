import { expect, it } from "vitest";

import { measuredWith, problemOf } from "../recipe.fixture.ts";

it("checkpoints without a network have no metric and few baselines by default", () => {
  const { zoo, measure, audit } = measuredWith();
  expect(zoo).toEqual({ kind: "files", files: "ckpts/*.pth", count: 10, select: "all", heldOut: 3 });
  expect(measure).toEqual({ command: null, timeout: 600, retries: 1, parallel: 1, networks: 20 });
  expect(audit).toEqual({
    baselines: ["noise:0.05", "noise:0.15", "average:2", "average:4", "average:16", "average:all", "gaussian"],
    draws: 5,
  });
});

it("a command says where the checkpoint's path goes", () => {
  expect(measuredWith("measure.command='score {checkpoint}'").measure.command).toBe("score {checkpoint}");
  expect(problemOf(() => measuredWith("measure.command=score"))).toBe(
    'measure.command: expected {checkpoint} where the checkpoint\'s path goes (got "score")',
  );
});
