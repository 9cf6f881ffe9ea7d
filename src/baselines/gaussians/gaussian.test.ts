import { it } from "vitest";

import { nodeDevice } from "../../runtime-node/index.ts";
import { diagonal, expectCovariance } from "./moments.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

it("gaussian has the originals' means and variances, and no correlations", async () => {
  await expectCovariance("gaussian", device, diagonal);
});
