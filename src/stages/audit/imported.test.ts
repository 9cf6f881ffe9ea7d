import { join } from "node:path";

import { afterAll, expect, it } from "vitest";

import { run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { readAudit, readResults } from "../../run/index.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const zoo = { kind: "seeds", count: 8, heldOut: 5 };

it("an audit of another generator's samples says what it cannot ask, and leaves it out", async () => {
  const other = folders.make();
  await run(other, {
    recipe: tinyRecipe({ ...tinyLinear, seed: 2, zoo: { ...zoo, heldOut: 0 } }),
    stages: ["collect"],
  });
  const folder = folders.make();
  const recipe = tinyRecipe({
    ...tinyLinear,
    zoo,
    generator: "files",
    sample: { files: join(other, "zoo", "*.safetensors"), count: 6 },
    audit: {
      baselines: ["noise:0.5", "average:2", "gaussian-latent"],
      draws: 3,
      fineTuned: { count: 0 },
      trained: { count: 0 },
      embeddings: [],
    },
  });
  await run(folder, { recipe, stages: ["collect", "fit", "sample", "evaluate", "audit"] });
  const audit = await readAudit(folder);
  expect(audit).toMatchObject({ cost: null, trajectory: null, frontier: [], copying: { copies: { count: 0 } } });
  expect(audit?.groups.map(({ name }) => name)).toEqual(["originals", "held-out", "samples", "noise:0.5", "average:2"]);
  expect(audit?.remarks.join(" ")).toMatch(
    /gaussian-latent\..* The samples are files that another generator made.* no cost\./,
  );
  expect((await readResults(folder))?.classification?.reconstructions).toBeNull();
});
