import { it } from "vitest";

import { nodeDevice } from "../../runtime-node/index.ts";
import { D, diagonal, expectCovariance, K, values } from "./moments.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

it("swag has half of each coordinate's variance, and half the last deviations from the running mean", async () => {
  const rank = 20;
  const running = new Array<number>(D).fill(0);
  const low = new Array<number>(D * D).fill(0);
  for (let k = 0; k < K; k++) {
    for (let i = 0; i < D; i++) running[i]! += (values[k * D + i]! - running[i]!) / (k + 1);
    if (k < K - rank) continue;
    const deviation = running.map((m, i) => values[k * D + i]! - m);
    for (let at = 0; at < D * D; at++) low[at]! += (deviation[Math.floor(at / D)]! * deviation[at % D]!) / (rank - 1);
  }
  await expectCovariance(
    "swag",
    device,
    low.map((c, at) => (c + diagonal[at]!) / 2),
  );
});
