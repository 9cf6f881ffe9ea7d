import { it } from "vitest";

import { nodeDevice } from "../../runtime-node/index.ts";
import { expectCovariance, own } from "./moments.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

it("gaussian-latent has the originals' whole covariance", async () => {
  await expectCovariance("gaussian-latent", device, own.covariance);
});
