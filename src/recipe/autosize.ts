/**
 * Chooses the sizes of a generator from the number of parameters D, of checkpoints K and of those
 * held out, as `pdiff fit` does. Every choice comes with its reason, and any key=value overrides
 * it.
 */

/** What is known before anything is read. */
export interface AutosizeFacts {
  /** Generated numbers of one network, D. */
  readonly parameters: number;
  /** Checkpoints to learn from, K. */
  readonly count: number;
  readonly heldOut: number;
  /** Generated tensors. */
  readonly tensors: number;
  /** An autoencoder of the user's own, which keeps its own defaults; linear latents without one. */
  readonly autoencoder?: { readonly type: string; readonly description: string } | undefined;
}

/** One choice, where it stands in the recipe, and why. */
export interface Choice {
  readonly key: string;
  readonly value: string;
  readonly reason: string;
}

export interface Autosized {
  /** To lay under what the user says. */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly choices: readonly Choice[];
}

/** More latents than this make a denoiser slow, and no zoo of independent networks fills them. */
const MAX_LATENTS = 256;

/** Fewer held-out networks than this cannot both choose a snapshot and audit the samples. */
const MIN_TO_CHOOSE = 6;

/** Snapshots among which held-out networks choose. */
const SNAPSHOTS = 8;

/** Networks beyond which a batch need not be smaller than usual. */
const USUAL_BATCH = 128;

/** Steps of the denoiser's training; twice as many for more checkpoints than `MANY`. */
const USUAL_STEPS = 3000;
const MANY = 1000;

/** What is chosen of the autoencoder. */
interface AutoencoderChoice extends Autosized {
  /** Numbers of a latent, where they are known. */
  readonly latent: number | undefined;
}

/** Linear latents, and how parameters are normalised for them. */
function linearLatents({ parameters, count, tensors }: AutosizeFacts): AutoencoderChoice {
  const latent = Math.min(count - 1, MAX_LATENTS, parameters);
  const exact = latent === Math.min(count - 1, parameters);
  const normalisation = exact || tensors === 1 ? "none" : "tensor";
  const whyNormalised =
    normalisation === "none"
      ? "there is one tensor"
      : "so that tensors of large numbers do not decide alone which directions count";
  return {
    latent,
    recipe: { normalisation, autoencoder: { latent } },
    choices: [
      {
        key: "autoencoder.type",
        value: "linear",
        reason: `${count} checkpoints differ in at most ${count - 1} directions, however many parameters they have; these are found exactly, and read from the disk piece by piece`,
      },
      {
        key: "autoencoder.latent",
        value: String(latent),
        reason: exact
          ? "all of these directions, so nothing of the differences between checkpoints is lost"
          : `the ${latent} directions of most variance: more would slow the denoiser and add mostly noise`,
      },
      {
        key: "normalisation",
        value: normalisation,
        reason: exact ? "where all directions are kept, the scale of a tensor changes nothing" : whyNormalised,
      },
    ],
  };
}

/** Sizes a generator. */
export function autosize(facts: AutosizeFacts): Autosized {
  const { count, heldOut, autoencoder } = facts;
  const coder: AutoencoderChoice =
    autoencoder === undefined
      ? linearLatents(facts)
      : {
          latent: undefined,
          recipe: { autoencoder: { type: autoencoder.type } },
          choices: [{ key: "autoencoder.type", value: autoencoder.type, reason: autoencoder.description }],
        };
  const wide = (coder.latent ?? 0) > 64;
  const width = wide ? 512 : 256;
  const batch = Math.min(USUAL_BATCH, Math.max(16, 2 ** Math.floor(Math.log2(count))));
  const steps = count > MANY ? 2 * USUAL_STEPS : USUAL_STEPS;
  const chooses = heldOut >= MIN_TO_CHOOSE;
  const choices: Choice[] = [
    ...coder.choices,
    {
      key: "diffusion.denoiser",
      value: `mlp, width ${width}, 3 blocks`,
      reason: `latents have no order that convolutions could use; ${wide ? "twice the usual width for more than 64 of them" : "the usual width for up to 64 of them"}`,
    },
    {
      key: "diffusion.training",
      value: `${steps} steps of ${batch}`,
      reason: `each checkpoint is seen about ${Math.round((steps * batch) / count)} times`,
    },
    {
      key: "diffusion.choose",
      value: chooses ? "held-out" : "last",
      reason: chooses
        ? `half of the ${heldOut} held-out networks choose among ${SNAPSHOTS} snapshots of the training, before it learns checkpoints by heart; the audit uses the other half`
        : `${heldOut} held-out networks are too few to choose a snapshot of the training`,
    },
  ];
  return {
    recipe: {
      preset: "linear",
      ...coder.recipe,
      diffusion: {
        denoiser: { type: "mlp", width, blocks: 3 },
        training: { steps, batch },
        snapshots: chooses ? SNAPSHOTS : 0,
        choose: chooses ? "held-out" : "last",
      },
    },
    choices,
  };
}
