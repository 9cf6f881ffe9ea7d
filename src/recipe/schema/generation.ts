/**
 * What draws networks, the same whatever they are: the parts of a generator, and whether they fit.
 */
import { z } from "zod";
import {
  type AutoencoderPart,
  type DenoiserPart,
  type ProcessOptions,
  partOf,
  partSchema,
  processSchema,
  type SamplerPart,
  snapshotNear,
  snapshotSteps,
} from "../../diffusion/index.ts";
import { fraction, trainingSchema } from "../../nn/index.ts";
import type { Parts } from "../parts.ts";
import { presetNames } from "../presets.ts";
import { type AddIssue, baselineName, files, heldOut, MAX_NETWORKS, networkKey } from "./fields.ts";

/** The least variance between checkpoints that an autoencoder must explain for the run to go on. */
const gate = z
  .number()
  .max(1)
  .default(0.2)
  .describe("Least share of the checkpoints' variance that reconstructions must explain; below it the run stops.");

/** The diffusion model. */
const diffusionSchema = ({ denoisers }: Parts) =>
  z.strictObject({
    process: processSchema.describe("The diffusion process from data to noise."),
    standardise: z.boolean().describe("Whether each latent dimension is scaled to zero mean and unit variance."),
    denoiser: partSchema(denoisers).describe("The network that predicts the noise or the velocity."),
    ema: fraction
      .nullable()
      .describe("Decay of the exponential moving average of the denoiser's weights; null for none."),
    training: trainingSchema.describe("Training of the denoiser."),
    snapshots: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe("Number of snapshots of the denoiser in training for the audit, spaced further apart the later."),
    choose: z
      .enum(["last", "held-out"])
      .default("last")
      .describe(
        "Which denoiser samples: the `last`, or the snapshot with the least error on half of the `held-out` networks.",
      ),
  });

/** Autoguidance: the denoiser is led away from what it predicted when it had learned less. */
const guidanceSchema = z.strictObject({
  weight: z
    .number()
    .min(1)
    .max(20)
    .default(2)
    .describe("How far the prediction moves away from the snapshot's: 1 is no guidance, 2 once their difference."),
  after: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.1)
    .describe("Share of the denoiser's training after which the snapshot was kept; the nearest is taken."),
  from: fraction
    .default(0)
    .describe("Where guidance begins on the way from data (0) to noise (1); nearer the data there is none."),
  to: fraction.default(1).describe("Where guidance ends on this way; nearer the noise there is none."),
});

/** The sections of a recipe that say what draws networks. */
export const generation = (parts: Parts) => ({
  preset: z
    .enum(presetNames)
    .default("small")
    .describe("Generator whose settings are the defaults of everything between the zoo and the samples."),
  normalisation: z
    .enum(parts.normalisations.map(({ type }) => type) as [string, ...string[]])
    .describe("How parameters are normalised before the autoencoder: per `coordinate`, per `tensor`, or `none`."),
  autoencoder: partSchema(parts.autoencoders, { gate }).describe(
    "The autoencoder between parameter vectors and latents.",
  ),
  diffusion: diffusionSchema(parts)
    .nullable()
    .describe("The diffusion model of the latents; null where none is fitted, as with `generator: vae`."),
  generator: baselineName(parts.baselines, "diffusion", "vae", "files")
    .default("diffusion")
    .describe(
      "What draws the samples: `diffusion`, the prior of a `vae`, a baseline such as `average:16`, or `files` made elsewhere.",
    ),
  sample: z
    .strictObject({
      files: files("Samples of `generator: files`: paths, folders or patterns.").optional(),
      key: networkKey,
      count: z.int().min(1).max(MAX_NETWORKS).default(200).describe("Number of networks to draw."),
      sampler: partSchema(parts.samplers).prefault({ type: "ddpm" }).describe("How latents are drawn from noise."),
      guidance: guidanceSchema
        .nullable()
        .default(null)
        .describe("Guidance by a snapshot of the denoiser from early in its training; null for none."),
    })
    .prefault({})
    .describe("How new networks are drawn."),
});

const generating = (parts: Parts) => z.object({ ...generation(parts), zoo: z.object({ heldOut }) });

/** What `checkGeneration` looks at. */
type Generating = z.output<ReturnType<typeof generating>>;

/** Adds an issue for each two parts of a generator that do not fit one another. */
export function checkGeneration(parts: Parts, value: Generating, addIssue: AddIssue): void {
  const { generator, diffusion, zoo } = value;
  if ((generator === "files") !== (value.sample.files !== undefined))
    addIssue(
      ["sample", "files"],
      generator === "files"
        ? "missing: say which networks another generator made, as in sample.files='samples/*.pth'"
        : "only the generator files takes them; use generator: files, or leave them out",
      value.sample.files,
    );
  const coder = partOf(parts.autoencoders, value.autoencoder, "autoencoder");
  if (generator === "diffusion" && diffusion === null)
    addIssue(["diffusion"], "the generator diffusion needs one; use another preset, or generator: vae", null);
  if (generator === "vae" && coder.hasPrior?.(value.autoencoder) !== true)
    addIssue(
      ["autoencoder", "type"],
      "the generator vae needs a variational autoencoder; use preset: vae",
      value.autoencoder.type,
    );
  if (diffusion?.choose === "held-out" && (diffusion.snapshots < 2 || zoo.heldOut < 6))
    addIssue(
      ["diffusion", "choose"],
      "choosing by held-out networks needs snapshots to choose from (diffusion.snapshots of at least 2) and at least 6 such networks (zoo.heldOut)",
      diffusion.choose,
    );
  if (generator === "diffusion" && diffusion !== null) checkGuidance(diffusion, value.sample.guidance, addIssue);
  if (diffusion !== null) checkSampler(parts, diffusion.process, value.sample.sampler, addIssue);
  checkTokens(
    coder,
    diffusion === null ? undefined : partOf(parts.denoisers, diffusion.denoiser, "denoiser"),
    diffusion,
    addIssue,
  );
  if (diffusion !== null) checkProcess(diffusion.process, addIssue);
}

/** Guidance needs a snapshot from before the denoiser that it guides. */
function checkGuidance(
  { training, snapshots }: NonNullable<Generating["diffusion"]>,
  guidance: Generating["sample"]["guidance"],
  addIssue: AddIssue,
): void {
  if (guidance === null) return;
  if (guidance.from >= guidance.to)
    addIssue(["sample", "guidance", "to"], `must lie beyond from (${guidance.from})`, guidance.to);
  if (snapshotNear(guidance.after, snapshotSteps(training.steps, snapshots)) !== undefined) return;
  addIssue(
    ["sample", "guidance"],
    "needs a snapshot from before the end of the denoiser's training (diffusion.snapshots of at least 2); or use null",
    guidance,
  );
}

/** A sampler must go with the process, and have no more steps. */
function checkSampler(
  { samplers }: Parts,
  process: ProcessOptions,
  options: { readonly type: string },
  addIssue: AddIssue,
): void {
  const part = partOf(samplers, options, "sampler");
  const { steps } = part.build(options);
  if (steps !== undefined && steps > process.steps)
    addIssue(
      ["sample", "sampler", "steps"],
      `more steps than the diffusion has (T = ${process.steps}); lower it or raise diffusion.process.steps`,
      steps,
    );
  if (part.objective !== process.objective) {
    const fitting = namesOf(samplers.filter(({ objective }) => objective === process.objective));
    addIssue(
      ["sample", "sampler", "type"],
      process.objective === "flow"
        ? `a denoiser of velocities (diffusion.process.objective: flow) is followed; use ${fitting}`
        : `a denoiser of noise (diffusion.process.objective: noise) is not followed; use ${fitting}`,
      options.type,
    );
  }
}

const namesOf = (parts: readonly SamplerPart[]): string => parts.map(({ type }) => type).join(" or ");

/** Tokens need a denoiser of tokens, and are standardised already. */
function checkTokens(
  coder: AutoencoderPart,
  denoiser: DenoiserPart | undefined,
  diffusion: { readonly standardise: boolean } | null,
  addIssue: AddIssue,
): void {
  const tokens = coder.latents === "tokens";
  if (tokens !== (denoiser?.latents === "tokens"))
    addIssue(
      ["diffusion", "denoiser", "type"],
      tokens
        ? "tokens of units (autoencoder.type: units) need a denoiser of units, which does not mind their order; use preset: units"
        : "a denoiser of units needs their tokens (autoencoder.type: units); use preset: units",
      denoiser?.type,
    );
  if (tokens && diffusion?.standardise)
    addIssue(
      ["diffusion", "standardise"],
      "tokens of units are standardised already, the same for all units of a layer; use false",
      true,
    );
}

function checkProcess(process: ProcessOptions, addIssue: AddIssue): void {
  if (process.objective === "noise" && process.betaEnd < process.betaStart)
    addIssue(
      ["diffusion", "process", "betaEnd"],
      `must not lie below betaStart (${process.betaStart})`,
      process.betaEnd,
    );
}
