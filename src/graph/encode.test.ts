import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { compile } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { encode } from "./encode.ts";
import { gradients } from "./gradients.ts";
import { ModelProtoSchema } from "./onnx_pb.ts";
import { reduceSum } from "./ops/broadcast.ts";
import { conv } from "./ops/conv.ts";
import { add, gelu, mul } from "./ops/elementwise.ts";
import { softmax } from "./ops/softmax.ts";
import { constant, input } from "./tensor.ts";

const build = () => {
  const x = input("x", [1, 2, 5]);
  const w = input("w", [3, 2, 3]);
  const loss = reduceSum(gelu(conv(x, w, { padding: 1 })));
  const [gradient] = gradients(loss, [w]);
  return { loss, gradient: gradient! };
};

describe("encode", () => {
  it("writes the same bytes for the same graph", () => {
    expect(encode(build()).bytes).toEqual(encode(build()).bytes);
  });

  it("names inputs and outputs with their shapes", () => {
    const { bytes, inputs } = encode(build());
    const { graph } = fromBinary(ModelProtoSchema, bytes);
    expect([...inputs.keys()]).toEqual(["x", "w"]);
    expect(graph!.input.map(({ name }) => name)).toEqual(["x", "w"]);
    expect(graph!.output.map(({ name }) => name)).toEqual(["loss", "gradient"]);
    const type = graph!.output[1]!.type!.value;
    expect(type.case === "tensorType" && type.value.shape!.dim.map((d) => d.value.value)).toEqual([3n, 2n, 3n]);
  });

  it("writes constants once, and of an array view only its elements", () => {
    const data = Float32Array.of(9, 1, 2, 9);
    const c = constant(data.subarray(1, 3), [2]);
    const { graph } = fromBinary(ModelProtoSchema, encode({ y: add(mul(c, c), input("x", [2])) }).bytes);
    expect(graph!.initializer).toHaveLength(1);
    expect([...graph!.initializer[0]!.rawData]).toEqual([...new Uint8Array(Float32Array.of(1, 2).buffer)]);
  });

  it("refuses one name for two inputs, or for an input and an output", () => {
    const x = input("x", [2]);
    expect(() => encode({ y: add(x, input("x", [2])) })).toThrow("two inputs of one graph are called x");
    expect(() => encode({ x: add(x, 1) })).toThrow("an input and an output of one graph are called x");
  });

  it("accepts inputs of any name, inputs as outputs, and one tensor as two outputs", async () => {
    const [t0, c0] = [input("t0", [2]), input("c0", [2])];
    const sum = add(softmax(add(t0, c0)), 1);
    const program = await compile({ t1: sum, c1: sum, same: t0 }, nodeDevice({ name: "cpu", threads: 1 }));
    const result = await program.run({ t0: Float32Array.of(1, 1), c0: Float32Array.of(2, 2) });
    await program.release();
    expect(result).toEqual({
      t1: Float32Array.of(1.5, 1.5),
      c1: Float32Array.of(1.5, 1.5),
      same: Float32Array.of(1, 1),
    });
  });
});
