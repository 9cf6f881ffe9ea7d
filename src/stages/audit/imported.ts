/** What an audit cannot ask where the samples are files of another generator, in sentences. */
import { z } from "zod";
import { readJson } from "../../files/index.ts";
import { showAll } from "../../show.ts";
import type { RunContext } from "../context.ts";

const samplesIndex = z.looseObject({ differing: z.array(z.string()).default([]) });

/** Remarks on samples of another generator; none on a run's own. */
export async function importedRemarks({ recipe, paths: p }: Pick<RunContext, "recipe" | "paths">): Promise<string[]> {
  if (recipe.generator !== "files") return [];
  const { differing = [] } = samplesIndex.safeParse(await readJson(p.samplesIndex)).data ?? {};
  return [
    "The samples are files that another generator made. Nothing of it is known here: there are no reconstructions, no baselines of its latents, no course of its training and of its sampling, and no cost. What it learned from, and that it never saw the held-out and unseen networks, is as the files were named.",
    ...(differing.length === 0
      ? []
      : [
          `Samples differ from the originals in tensors that are not compared (${showAll(differing)}). They were measured with those of one original, so no score is that of a sample as it is.`,
        ]),
  ];
}
