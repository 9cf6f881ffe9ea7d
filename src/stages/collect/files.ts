/**
 * Stage one of a run whose networks cannot be run here: its zoo is imported from checkpoints in any
 * format. One of them is kept whole, as the template that generated tensors are written into.
 */

import { join } from "node:path";
import { z } from "zod";
import { endingOfCopy, rewriteFile } from "../../checkpoints/index.ts";
import { UserError } from "../../errors.ts";
import { exists, makeFolder, readJson, writeJson } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import type { Paths } from "../../run/index.ts";
import { indexOf } from "../../run/index.ts";
import { checkGenerator } from "../check.ts";
import type { MetricContext } from "../context.ts";
import { importZoo } from "./import-checkpoints.ts";
import { ownZoo } from "./zoo-files.ts";

/**
 * Collects the zoo of a run with a user's metric.
 *
 * Reads the recipe's checkpoints. Writes their generated tensors to `zoo/`, `held-out/` and
 * `unseen/`, and one whole checkpoint to `base/`; the index of the zoo last.
 * @throws UserError `E_CHECKPOINT` or `E_CONFIG` when the files or the selection cannot be used.
 */
export async function collectFiles(context: MetricContext): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { count, heldOut, like } = recipe.zoo;
  const zoo = await ownZoo(recipe.zoo);
  const { layout, tied } = zoo;
  checkGenerator(recipe, layout, context.parts);
  await keepTemplate(p, like ?? at(zoo.files, 0));
  const { trajectory, differing, sources } = await importZoo(context, zoo);
  // Nothing is measured yet, so nothing fixes an acceptance threshold.
  if (heldOut > 0)
    await writeJson(p.heldOutIndex, {
      acceptanceThreshold: null,
      checkpoints: await indexOf(p.heldOut, heldOut, signal),
    });
  await writeJson(p.zooIndex, {
    count,
    parameters: layout.size,
    trajectory,
    differing,
    tied,
    sources,
    tensors: layout.entries.map((e) => e.name),
    checkpoints: await indexOf(p.zoo, count, signal),
  });
}

const zooIndex = z.looseObject({ tied: z.record(z.string(), z.string()).default({}) });

/** Tensors that always have the elements of a generated one of a run, which is given by name. */
export async function tiedTensors(p: Paths): Promise<Readonly<Record<string, string>>> {
  return zooIndex.safeParse(await readJson(p.zooIndex)).data?.tied ?? {};
}

const templateIndex = z.looseObject({
  template: z.string().regex(/^template((\.pth?)?\.\w+|\/[^/\\]+\.onnx)?$/i),
  source: z.string(),
});

/** Copies the template checkpoint into the run, in its own format. */
async function keepTemplate(p: Paths, source: string): Promise<void> {
  if (await exists(p.baseIndex)) return;
  await makeFolder(p.base);
  const template = `template${await endingOfCopy(source)}`;
  await rewriteFile(source, join(p.base, template), new Map());
  await writeJson(p.baseIndex, { template, source });
}

/**
 * The path of the checkpoint that a run keeps whole.
 * @throws UserError `E_CHECKPOINT` when there is none.
 */
export async function ownTemplate(p: Paths): Promise<string> {
  const index = templateIndex.safeParse(await readJson(p.baseIndex));
  const path = index.success ? join(p.base, index.data.template) : undefined;
  if (path !== undefined && (await exists(path))) return path;
  throw new UserError(
    "E_CHECKPOINT",
    `${p.base} holds no whole checkpoint to write generated tensors into; collect again: pdiff collect ${p.folder} --force, or give one with --like`,
  );
}
