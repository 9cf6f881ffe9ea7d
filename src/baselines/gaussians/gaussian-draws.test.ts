import { expect, it } from "vitest";

import { layoutOf } from "../../layout/index.ts";
import { key } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { baseline } from "../baselines.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

it.each(["gaussian", "pca-gaussian", "pca-gaussian:1", "swag"])(
  "%s draws no negative running variance",
  async (name) => {
    const statistics = layoutOf([
      { name: "bn.running_var", shape: [1], kind: "running-variance" },
      { name: "w", shape: [1], kind: "linear" },
    ]);
    // As wide as their mean, so that a Gaussian draws negative ones.
    const wide = Float32Array.from({ length: 40 }, (_, i) =>
      i % 2 === 1 ? -5 : Math.floor(i / 2) % 4 === 0 ? 4 : 0.01,
    );
    const out = await baseline(name).draw(
      { count: 20, dimension: 2, values: wide },
      { count: 200, key: key(3), layout: statistics, device },
    );
    const variances = out.filter((_, i) => i % 2 === 0);
    const mean = (4 + 3 * 0.01) / 4;
    expect(Math.min(...variances)).toBeCloseTo(1e-3 * mean, 6);
    expect(Math.max(...out.filter((_, i) => i % 2 === 1))).toBeLessThan(0);
  },
);
