/**
 * The graph of a network whose chosen tensors are an input, so that one session runs all
 * checkpoints.
 */

import { constant, cost, input, leaves, partition, rewrite, sizeOf, type Tensor, topological } from "../graph/index.ts";
import type { Layout } from "../layout/index.ts";
import { at, get, given } from "../lookup.ts";
import { asSlices, type Traced } from "../nn/index.ts";

/** A network and the tensors in which its checkpoints differ. */
export interface GraphOptions {
  /** The network in evaluation mode for `batch` images, logits `[batch, classes]`. */
  readonly logits: Traced<Tensor>;
  readonly batch: number;
  /** The tensors that differ between checkpoints. */
  readonly chosen: Layout;
  /** Values of all others. */
  readonly frozen: ReadonlyMap<string, Float32Array>;
}

/** The parts of a network for its evaluation. */
export interface EvaluationGraph {
  readonly batch: number;
  readonly classes: number;
  /** Numbers in the input `images`. */
  readonly imageSize: number;
  /** Numbers in a checkpoint. */
  readonly dimension: number;
  /** What does not depend on the checkpoint; empty where nothing is shared. */
  readonly prefix: Readonly<Record<string, Tensor>>;
  /** Logits from the outputs of `prefix`, `images` and the checkpoint, `theta`. */
  readonly suffix: Tensor;
  /** Logits from `images` alone, with the values of one checkpoint as constants. */
  readonly withConstants: (checkpoint: Float32Array) => Tensor;
  /** FLOPs of a batch where constants may make a session faster; else 0. */
  readonly specialisedFlops: number;
}

/** Cuts a network where the chosen tensors begin to matter. */
export function evaluationGraph({ logits, batch, chosen, frozen }: GraphOptions): EvaluationGraph {
  const theta = input("theta", [chosen.size]);
  const declared = new Map([...logits.parameters, ...logits.buffers].map((d) => [d.name, d]));
  const own = chosen.entries.map((entry) => ({ entry, declaration: get(declared, entry.name) }));
  for (const { entry } of own) declared.delete(entry.name);
  const still = [...declared.values()].map((d) => [d.leaf, constant(get(frozen, d.name), d.shape)] as const);
  const slices = asSlices(
    own.map(({ declaration }) => declaration),
    theta,
  );
  const [fed] = rewrite([logits.outputs], new Map([...slices, ...still])) as [Tensor];
  const { prefix, suffix } = partition([fed], [theta]);
  const images = given(
    leaves([logits.outputs]).find(({ source }) => source.kind === "input" && source.name === "images"),
  );
  // ONNX Runtime lays out constant weights of convolutions in advance, for its faster kernels.
  const mayGain =
    Object.keys(prefix).length === 0 && topological([logits.outputs]).some(({ op }) => op.name === "conv");
  return {
    batch,
    classes: at(fed.shape, 1),
    imageSize: sizeOf(images.shape),
    dimension: chosen.size,
    prefix,
    suffix: at(suffix, 0),
    withConstants(checkpoint) {
      const weights = own.map(({ entry: { offset, size }, declaration: { leaf, shape } }) => {
        return [leaf, constant(checkpoint.slice(offset, offset + size), shape)] as const;
      });
      return at(rewrite([logits.outputs], new Map([...weights, ...still])), 0);
    },
    specialisedFlops: mayGain ? cost([fed], "anywhere").flops : 0,
  };
}
