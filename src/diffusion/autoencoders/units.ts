/** The autoencoder of hidden units: worked out, and exact. */
import { cost } from "../../graph/index.ts";
import { matrix } from "../../numeric/index.ts";
import { countDeadUnits } from "../../symmetry/index.ts";
import { requireDifferent } from "../equal-checkpoints.ts";
import { unnormalised } from "../normalisations/normalisation.ts";
import type { Saved } from "../saved.ts";
import { unitTokens } from "../unit-tokens.ts";
import type { AutoencoderPart, LoadSource } from "./autoencoder.ts";
import { varianceExplained } from "./codec.ts";
import { fitUnits, type UnitFit, unitCodec, unitWeights } from "./unit-codec.ts";

/** Options of the autoencoder of hidden units; there are none. */
export interface UnitsOptions {
  readonly type: "units";
}

/** The fit as it was saved. */
const savedFit = (saved: Saved, source: LoadSource): UnitFit => ({
  space: {
    units: source.units(),
    axes: {
      mean: saved.get("inputs.mean"),
      axes: saved.get("inputs.axes"),
      variance: saved.get("inputs.variance"),
    },
    effects: saved.get("effects"),
    reference: saved.get("reference"),
  },
  mean: saved.get("tokens.mean"),
  scale: saved.get("tokens.scale"),
});

/** Tokens, one for each hidden unit of a network. */
export const unitsAutoencoder: AutoencoderPart<UnitsOptions> = {
  type: "units",
  description: "a token for each hidden unit: nothing to train, and exact",
  latents: "tokens",
  options: {},
  plan: (_, { dimension, count, units }) => ({
    latent: dimension,
    tokens: unitTokens(units()),
    work: () => ({
      steps: 1,
      step: { ...cost([]), traffic: 12 * count * dimension, calls: 10 },
      snapshotBytes: 0,
    }),
  }),
  smaller: (options) => options,
  async fit(_, { zoo, trajectory, host, store, canonicalSpace, note, warn }) {
    if (trajectory)
      await warn(
        "the checkpoints are of one training, in which units keep their order: nothing is gained from not minding it, and the audit will find samples like averages",
      );
    const networks = matrix(await zoo.read(0, zoo.columns), zoo.columns);
    requireDifferent(networks.values, zoo.columns);
    const space = await canonicalSpace(networks);
    const dead = await countDeadUnits(networks, space.units, host.signal);
    if (dead > 0)
      await note(
        `${dead} hidden units of the ${zoo.rows} networks are dead (no weights into them or none out of them) and learned as they are`,
      );
    const { fit, latents } = await fitUnits(networks, space, host.device, host.signal);
    const { axes, effects, reference } = space;
    await store.save({
      "inputs.mean": axes.mean,
      "inputs.axes": axes.axes,
      "inputs.variance": axes.variance,
      effects,
      reference,
      "tokens.mean": fit.mean,
      "tokens.scale": fit.scale,
    });
    const codec = unitCodec(fit, host.device);
    const again = await codec.encode(await codec.decode(latents));
    return {
      latents,
      latent: codec.latent,
      tokens: codec.tokens,
      weight: await unitWeights(fit, host.device),
      explained: await varianceExplained(latents, again, unnormalised(codec.latent), host.signal),
      encode: async (others) => codec.encode(await others.read(0, others.columns)),
      release: () => codec.release(),
    };
  },
  async load(_, saved, source) {
    const codec = unitCodec(savedFit(saved, source), source.device);
    return { codec, normalisation: unnormalised(codec.dimension) };
  },
};
