/** Your own baseline: the median of a few checkpoints, drawn in the audit beside the others. */
import { audit } from "neural-network-diffusion";
import { type BaselinePart, row } from "neural-network-diffusion/baselines";
import type { AutoencoderPart } from "neural-network-diffusion/diffusion";
import { foldIn, permutation } from "neural-network-diffusion/random";

/** How many checkpoints each median is of. */
const MEMBERS = 5;

/** The median of five random originals, parameter by parameter. */
export const median: BaselinePart = {
  type: "median",
  description: "the median of five random originals",
  family: "average",
  needs: () => MEMBERS,
  draw(_, originals, { count, key }) {
    const { dimension } = originals;
    const drawn = new Float32Array(count * dimension);
    for (let i = 0; i < count; i++) {
      const members = permutation(foldIn(key, i), originals.count).subarray(0, MEMBERS);
      const vectors = Array.from(members, (k) => row(originals, k));
      for (let j = 0; j < dimension; j++) {
        const values = Float32Array.from(vectors, (v) => v[j] ?? 0).sort();
        drawn[i * dimension + j] = values[MEMBERS >> 1] ?? 0;
      }
    }
    return drawn;
  },
};

/** Audits a run beside it; returns the names of the baselines that were drawn. */
export async function auditBesideMedian(run: string, autoencoder: AutoencoderPart): Promise<readonly string[]> {
  const { groups } = await audit({ run, autoencoder, baselines: [median] }).result;
  return groups.map(({ name }) => name);
}
