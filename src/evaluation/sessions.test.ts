import { afterAll, describe, expect, it } from "vitest";

import { input } from "../graph/index.ts";
import { layoutOf } from "../layout/index.ts";
import { linear, trace } from "../nn/index.ts";
import type { Program } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type EvaluationGraph, evaluationGraph } from "./evaluation-graph.ts";
import { isWorthSpecialising, sessionsOf, specialise } from "./sessions.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const logits = trace(
  (at) =>
    linear(at.in("head"), linear(at.in("body"), input("images", [1, 2]), { out: 2, bias: false }), {
      out: 2,
      bias: false,
    }),
  { training: false },
);
const graph = evaluationGraph({
  logits,
  batch: 1,
  chosen: layoutOf([{ name: "head.weight", shape: [2, 2], kind: "linear" }]),
  frozen: new Map([["body.weight", Float32Array.of(0, 1, 1, 0)]]),
});
const images = Float32Array.of(1, 3);
/** Logits are 3 and 1, or 1 and 3. */
const [first, second] = [Float32Array.of(1, 0, 0, 1), Float32Array.of(0, 1, 1, 0)];

describe("sessions for checkpoints", async () => {
  const plain = await sessionsOf(graph, device);
  afterAll(() => plain.release());

  it.each([
    ["one for all", plain],
    ["one for each", specialise(plain, graph, device)],
  ])("predict classes and probabilities: %s", async (_, sessions) => {
    const run = async (kind: "classes" | "probabilities", checkpoint: Float32Array) => {
      const feeds = await sessions.feedsOf(kind, images);
      let out: ArrayLike<number | bigint> = [];
      await sessions.use(kind, checkpoint, async (session) => {
        const theta = session.inputs.has("theta") ? { theta: checkpoint } : {};
        out = (await session.run({ ...feeds, ...theta })).out!;
      });
      return Array.from(out, Number);
    };
    expect([await run("classes", first), await run("classes", second)]).toEqual([[0], [1]]);
    const [p, q] = await run("probabilities", first);
    expect(p).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect(p! + q!).toBeCloseTo(1, 6);
  });

  it("are the same one for all checkpoints, or another one for each", async () => {
    const used = async (sessions: typeof plain) => {
      const seen = new Set<Program>();
      for (const checkpoint of [first, second])
        await sessions.use("classes", checkpoint, async (session) => void seen.add(session));
      return seen.size;
    };
    expect(await used(plain)).toBe(1);
    expect(await used(specialise(plain, graph, device))).toBe(2);
  });
});

it("a session for each checkpoint pays off for many images on a CPU", () => {
  // 10⁶ FLOPs an image against 10⁹ and 5 × 10⁴ for each of 10⁴ weights.
  const of = { batch: 10, specialisedFlops: 1e7, dimension: 1e4 } as EvaluationGraph;
  expect(isWorthSpecialising(of, device, 1400)).toBe(false);
  expect(isWorthSpecialising(of, device, 1600)).toBe(true);
  expect(isWorthSpecialising(of, { ...device, name: "webgpu" }, 1600)).toBe(false);
});
