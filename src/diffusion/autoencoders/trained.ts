/**
 * An autoencoder that is trained: from the graph of its network to a part that plans, fits, saves
 * and loads itself. For vectors that fit in memory together.
 */
import { z } from "zod";
import { throwIfAborted } from "../../errors.ts";
import { input } from "../../graph/index.ts";
import { countOf, type TrainingInput, trace, trainingWith } from "../../nn/index.ts";
import { matrix } from "../../numeric/index.ts";
import { stepCost } from "../../training/index.ts";
import { requireDifferent } from "../equal-checkpoints.ts";
import { fitNetwork } from "../fit-network.ts";
import { requireParametersFit } from "../limits.ts";
import { fitNormalisation } from "../normalisations/fit-normalisation.ts";
import { normalise } from "../normalisations/normalisation.ts";
import { normalisationTensors, type Saved, savedNormalisation, savedState, stateTensors } from "../saved.ts";
import { shorter } from "../smaller.ts";
import { autoencoderStep, type NoiseAugmentation, type TrainingOptions } from "../training.ts";
import type { AutoencoderPart, FitTask, FittedAutoencoder, LoadSource } from "./autoencoder.ts";
import { networkCodec, varianceExplained } from "./codec.ts";
import type { AutoencoderNetwork } from "./network.ts";

/** What every trained autoencoder has besides its own options. */
export interface TrainedOptions {
  readonly type: string;
  readonly noise: NoiseAugmentation;
  readonly training: TrainingOptions;
}

/** Defaults of what every trained autoencoder has. */
export interface TrainedDefaults {
  readonly noise: Partial<NoiseAugmentation>;
  readonly training: Required<TrainingInput>;
}

/** An autoencoder network as it describes itself. */
export interface TrainedPart<Own> {
  /** Its name in recipes. */
  readonly type: string;
  /** One sentence. */
  readonly description: string;
  /** Its own options as zod fields; noise and training come besides. */
  readonly options: z.ZodRawShape;
  readonly defaults: TrainedDefaults;
  /**
   * Builds the network for vectors of length `dimension`.
   * @throws UserError `E_CONFIG` where it does not fit them.
   */
  build(options: Own, dimension: number): AutoencoderNetwork;
  /** Its own options for a network that trains within a minute; the same by default. */
  smaller?(options: Own): Own;
  /** As of every part. */
  problem?: AutoencoderPart<Own & TrainedOptions>["problem"];
  /** As of every autoencoder. */
  hasPrior?(options: Own): boolean;
}

const amplitude = z.number().min(0);

/** The noise augmentation, of which nothing need be said. */
const noiseWith = ({ parameters = 0, latent = 0, mode = "add", target = "clean" }: TrainedDefaults["noise"]) =>
  z
    .strictObject({
      parameters: amplitude
        .default(parameters)
        .describe("Standard deviation σ of Gaussian noise on the normalised input."),
      latent: amplitude.default(latent).describe("Standard deviation σ of Gaussian noise on the latents."),
      mode: z
        .enum(["add", "blend"])
        .default(mode)
        .describe("`add` gives x + σ n; `blend` gives (1 − σ) x + σ n and keeps latents in [−1, 1]."),
      target: z
        .enum(["clean", "noisy"])
        .default(target)
        .describe("Reconstruction target: the `clean` input, or the `noisy` one as in the revised paper's code."),
    })
    .prefault({})
    .describe("Noise augmentation in the autoencoder's training.");

/** An autoencoder whose network can also be built alone. */
export interface TrainedAutoencoder<Own> extends AutoencoderPart<Own & TrainedOptions> {
  /** As of its network. */
  build(options: Own, dimension: number): AutoencoderNetwork;
}

/** A trained autoencoder from its network. */
export function trainedAutoencoder<Own>(part: TrainedPart<Own>): TrainedAutoencoder<Own> {
  type Options = Own & TrainedOptions;
  const { type, description, defaults, problem, hasPrior } = part;
  const load = async (options: Options, saved: Saved, { device }: LoadSource) => {
    const normalisation = savedNormalisation(saved);
    const network = part.build(options, normalisation.mean.length);
    const { batch } = options.training;
    const state = savedState(saved);
    return { normalisation, codec: networkCodec({ network, state, normalisation, batch, device }) };
  };
  return {
    type,
    description,
    build: part.build,
    latents: "vector",
    options: {
      ...part.options,
      noise: noiseWith(defaults.noise),
      training: trainingWith(defaults.training).describe("Training of the autoencoder."),
    },
    ...(problem !== undefined && { problem }),
    ...(hasPrior !== undefined && { hasPrior }),
    plan(options, { dimension }) {
      const network = part.build(options, dimension);
      const { parameters } = trace((at) => network.decode(at, network.encode(at, input("v", [1, dimension])).mean), {
        training: false,
      });
      requireParametersFit(parameters, "use fewer or smaller stages, or a smaller latent");
      return {
        latent: network.latent,
        work() {
          const step = autoencoderStep({ network, ...options });
          // Parameters and an optimiser's two moments, in memory and on their way to the disk.
          const snapshotBytes = 2 * 3 * 4 * countOf(step.traced.parameters);
          return { steps: options.training.steps, step: stepCost(step), snapshotBytes };
        },
      };
    },
    smaller: (options) => ({
      ...options,
      ...part.smaller?.(options),
      training: shorter(options.training),
    }),
    load,
    fit: (options, task) => fitTrained(options, task, part.build(options, task.layout.size), load),
  };
}

/** Trains the network unless it was trained before, and codes the checkpoints with it. */
async function fitTrained<Options extends TrainedOptions>(
  options: Options,
  { zoo, layout, source, store, host }: FitTask,
  network: AutoencoderNetwork,
  load: AutoencoderPart<Options>["load"],
): Promise<FittedAutoencoder> {
  const vectors = await zoo.read(0, zoo.columns);
  requireDifferent(vectors, zoo.columns);
  if ((await store.load()) === undefined) {
    const checkpoints = matrix(vectors, layout.size);
    const normalisation = await fitNormalisation(source.normalisation, checkpoints, layout);
    const { noise, training } = options;
    const state = await fitNetwork(host, {
      name: "autoencoder",
      step: autoencoderStep({ network, noise, training }),
      training,
      rows: normalise(normalisation, vectors),
      width: layout.size,
      feeds: (v) => ({ v }),
      result: "theta",
    });
    await store.save({ ...normalisationTensors(normalisation), ...stateTensors(state) });
  }
  throwIfAborted(host.signal);
  const saved = await store.load();
  if (saved === undefined) throw new Error("the autoencoder was not saved");
  const { codec, normalisation } = await load(options, saved, source);
  const latents = await codec.encode(vectors);
  return {
    latents,
    latent: codec.latent,
    explained: await varianceExplained(vectors, await codec.decode(latents), normalisation, host.signal),
    encode: async (others) => codec.encode(await others.read(0, others.columns)),
    release: () => codec.release(),
  };
}
