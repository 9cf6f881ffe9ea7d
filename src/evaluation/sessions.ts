/**
 * Sessions that run the checkpoints of one network: one session for all checkpoints, which are fed
 * to it, or one for each, with its weights as constants.
 */
import { argMax, softmax, type Tensor } from "../graph/index.ts";
import { compile, type Device, type Feeds, type Program } from "../runtime/index.ts";
import type { EvaluationGraph } from "./evaluation-graph.ts";

/** What the evaluation graph outputs: predicted classes or probabilities. */
export type OutputKind = "classes" | "probabilities";

/** Runs checkpoints. */
export interface CheckpointSessions {
  /** What a session is fed for a batch of images, but for the checkpoint. */
  feedsOf(kind: OutputKind, images: Float32Array): Promise<Feeds>;
  /** Calls `work` with a session for a checkpoint, which is fed as `theta`. */
  use(kind: OutputKind, checkpoint: Float32Array, work: (session: Program) => Promise<void>): Promise<void>;
  release(): Promise<void>;
}

const outputOf = (kind: OutputKind, logits: Tensor): Tensor =>
  kind === "classes" ? argMax(logits, 1) : softmax(logits);

/** One session for all checkpoints. What they share is computed once for each batch of images. */
export async function sessionsOf({ prefix, suffix }: EvaluationGraph, device: Device): Promise<CheckpointSessions> {
  const shared = Object.keys(prefix).length === 0 ? undefined : await compile(prefix, device);
  const sessions = new Map<OutputKind, Program>();
  const sessionOf = async (kind: OutputKind): Promise<Program> => {
    const session = sessions.get(kind) ?? (await compile({ out: outputOf(kind, suffix) }, device));
    sessions.set(kind, session);
    return session;
  };
  return {
    async feedsOf(kind, images) {
      const needsImages = (await sessionOf(kind)).inputs.has("images");
      return { ...(await shared?.run({ images })), ...(needsImages && { images }) };
    },
    use: async (kind, _, work) => work(await sessionOf(kind)),
    async release() {
      await shared?.release();
      for (const session of sessions.values()) await session.release();
    },
  };
}

/** FLOPs above which a session of one checkpoint pays off, and more for each of its weights. */
const SPECIALISING = { once: 1e9, weight: 5e4 };

/**
 * Whether a session for each checkpoint pays off for this number of images. For the CNN of 10 853
 * parameters an image takes 14 µs in such a session and 27 µs where weights are fed; compiling a
 * session takes 2.5 ms.
 */
export const isWorthSpecialising = (
  { batch, specialisedFlops, dimension }: EvaluationGraph,
  { name }: Device,
  images: number,
): boolean =>
  name === "cpu" && (images / batch) * specialisedFlops > SPECIALISING.once + SPECIALISING.weight * dimension;

/** The same sessions, but one for each checkpoint, which is released after its work. */
export const specialise = (
  sessions: CheckpointSessions,
  graph: EvaluationGraph,
  device: Device,
): CheckpointSessions => ({
  ...sessions,
  feedsOf: async (_, images) => ({ images }),
  async use(kind, checkpoint, work) {
    const session = await compile({ out: outputOf(kind, graph.withConstants(checkpoint)) }, device);
    try {
      await work(session);
    } finally {
      await session.release();
    }
  },
});
