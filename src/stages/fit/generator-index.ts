/** What a fitted generator consists of, and the index that says so. */
import { z } from "zod";
import { type Baseline, baseline } from "../../baselines/index.ts";
import { UserError } from "../../errors.ts";
import { readJson, sha256File, writeJson } from "../../files/index.ts";
import type { AnyRecipe, Parts } from "../../recipe/index.ts";
import { autoencoderFacts } from "../../records/index.ts";
import { type Paths, verify } from "../../run/index.ts";

/**
 * What identifies a generator: a run's recipe and folder, and the parts that it may choose from.
 */
export interface GeneratorSetting {
  readonly recipe: AnyRecipe;
  readonly paths: Paths;
  readonly parts: Parts;
}

/** The error of a denoiser at one snapshot of its training, and the checksum of its file. */
const snapshot = z.object({
  step: z.number(),
  loss: z.object({ originals: z.number(), heldOut: z.number().nullable() }),
  sha256: z.string(),
});
export type DenoiserSnapshot = z.output<typeof snapshot>;

const indexSchema = z.object({
  /** Null where the generator needs none. */
  autoencoder: autoencoderFacts.nullable(),
  /** The snapshots of the denoiser's training, and the step whose denoiser is sampled. */
  snapshots: z.array(snapshot).default([]),
  chosen: z.number().optional(),
  /** Checksums. */
  files: z.object({ autoencoder: z.string().optional(), denoiser: z.string().optional() }),
});

export type GeneratorIndex = z.output<typeof indexSchema>;

/** What the generator of a recipe consists of. */
export interface GeneratorContents {
  readonly autoencoder: boolean;
  readonly denoiser: boolean;
  /** Undefined where there is a model, or the samples are files of another generator. */
  readonly baseline: Baseline | undefined;
}

/** What the generator of a recipe consists of. */
export function contentsOf({
  recipe: { generator },
  parts,
}: {
  readonly recipe: Pick<AnyRecipe, "generator">;
  readonly parts: Pick<Parts, "baselines">;
}): GeneratorContents {
  if (generator === "diffusion" || generator === "vae")
    return { autoencoder: true, denoiser: generator === "diffusion", baseline: undefined };
  if (generator === "files") return { autoencoder: false, denoiser: false, baseline: undefined };
  const found = baseline(generator, parts.baselines);
  return { autoencoder: found.space === "latents", denoiser: false, baseline: found };
}

/** How to make a generator again. */
export const redo = (p: Paths): string => `fit it again: pdiff fit ${p.folder} --force`;

/** Says that the generator is whole; written last. */
export async function writeGeneratorIndex(
  setting: GeneratorSetting,
  facts: Pick<GeneratorIndex, "autoencoder" | "snapshots" | "chosen">,
): Promise<void> {
  const { paths: p } = setting;
  const contents = contentsOf(setting);
  await writeJson(p.generatorIndex, {
    ...facts,
    files: {
      ...(contents.autoencoder && { autoencoder: await sha256File(p.autoencoder) }),
      ...(contents.denoiser && { denoiser: await sha256File(p.denoiser) }),
    },
  });
}

/**
 * Makes sure that the generator is the one that was fitted.
 * @returns what the fit found out.
 * @throws UserError `E_CHECKPOINT` naming the file that is missing or changed, and how to make it
 *   again.
 */
export async function verifiedGenerator(p: Paths): Promise<GeneratorIndex> {
  const index = indexSchema.safeParse(await readJson(p.generatorIndex));
  if (!index.success)
    throw new UserError("E_CHECKPOINT", `${p.generatorIndex} is missing or not the index of a generator; ${redo(p)}`);
  const { files } = index.data;
  if (files.autoencoder !== undefined) await verify(p.autoencoder, files.autoencoder, redo(p));
  if (files.denoiser !== undefined) await verify(p.denoiser, files.denoiser, redo(p));
  return index.data;
}
