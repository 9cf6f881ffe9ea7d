import { describe, expect, it } from "vitest";
import { input, reshape, type Tensor } from "../graph/index.ts";
import { layoutOf } from "../layout/index.ts";
import { conv, linear, type Scope, trace } from "../nn/index.ts";
import { compile } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { evaluationGraph } from "./evaluation-graph.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** Two linear layers on images of three numbers. */
const layers = (at: Scope) =>
  linear(at.in("head"), linear(at.in("body"), input("images", [2, 3]), { out: 2, bias: false }), { out: 2 });
const logits = trace(layers, { training: false });
const body = new Map([["body.weight", Float32Array.of(1, 0, 0, 0, 1, 1)]]);
const head = layoutOf([
  { name: "head.weight", shape: [2, 2], kind: "linear" },
  { name: "head.bias", shape: [2], kind: "linear" },
]);

describe("the graph of a network whose checkpoints differ in some tensors", () => {
  const graph = evaluationGraph({ logits, batch: 2, chosen: head, frozen: body });

  it("computes what they share from the images alone", () => {
    expect(graph).toMatchObject({ batch: 2, classes: 2, imageSize: 6, dimension: 6, specialisedFlops: 0 });
    expect(Object.values(graph.prefix).map(({ shape }) => shape)).toEqual([[2, 2]]);
  });

  it("takes a checkpoint as an input, or as constants, with the same logits", async () => {
    const checkpoint = Float32Array.of(1, 2, 3, 4, 10, 20);
    const images = Float32Array.of(1, 2, 3, 4, 5, 6);
    // The body gives (1, 5) and (4, 11).
    const expected = Float32Array.of(1 + 10 + 10, 3 + 20 + 20, 4 + 22 + 10, 12 + 44 + 20);
    const run = async (of: Readonly<Record<string, Tensor>>, feeds: Record<string, Float32Array>) => {
      const program = await compile(of, device);
      const found = await program.run(feeds);
      await program.release();
      return found;
    };
    const shared = (await run(graph.prefix, { images })) as Record<string, Float32Array>;
    expect((await run({ out: graph.suffix }, { ...shared, theta: checkpoint })).out).toEqual(expected);
    expect((await run({ out: graph.withConstants(checkpoint) }, { images })).out).toEqual(expected);
  });
});

it("a network with convolutions, all of which differ, may gain from constants", () => {
  const convolved = trace(
    (at) =>
      linear(at, reshape(conv(at.in("conv"), input("images", [1, 1, 3, 3]), { out: 1, kernel: 3 }), [1, 1]), {
        out: 2,
      }),
    { training: false },
  );
  const chosen = layoutOf(convolved.parameters);
  const { specialisedFlops, prefix } = evaluationGraph({ logits: convolved, batch: 1, chosen, frozen: new Map() });
  expect(prefix).toEqual({});
  expect(specialisedFlops).toBeGreaterThan(2 * 9);
});
