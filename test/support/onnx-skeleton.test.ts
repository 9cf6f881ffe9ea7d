import { fromBinary } from "@bufbuild/protobuf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";

import { ModelProtoSchema } from "../../src/graph/onnx_pb.ts";
import { relativeError } from "./fixtures.ts";
import {
  fillSkeleton,
  type OnnxModel,
  onnxBatch,
  onnxBytes,
  onnxExternal,
  onnxNetworks,
  onnxPath,
  onnxUntrained,
} from "./onnx-skeleton.ts";

/** How far ONNX Runtime's logits of the first batch are from PyTorch's. */
async function errorOf(session: InferenceSession, model: OnnxModel): Promise<number> {
  const { images } = onnxBatch(model, 0);
  const { logits } = await session.run({ images: new Tensor("float32", images, [model.batch, ...model.image]) });
  await session.release();
  return relativeError(logits!.data as Float32Array, model.logits);
}

const networks = Object.entries(onnxNetworks);

describe("a network of the fixtures, its tensors filled by name", () => {
  it.each([...networks, ["cnn-untrained", onnxUntrained] as const])("gives PyTorch's logits: %s", async (_, model) => {
    expect(await errorOf(await InferenceSession.create(onnxBytes(model)), model)).toBeLessThan(1e-5);
  });

  it("gives PyTorch's logits where its values lie in another file", async () => {
    expect(await errorOf(await InferenceSession.create(onnxPath(onnxExternal)), onnxExternal)).toBeLessThan(1e-5);
  });

  it.each(networks)("has the tensors that the fixture names: %s", (_, { tensors, gradients, moved, ...model }) => {
    const { graph } = fromBinary(ModelProtoSchema, onnxBytes(model));
    const names = graph!.initializer.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(tensors)));
    expect(Object.keys(tensors)).toEqual(expect.arrayContaining(Object.keys(gradients)));
    expect(Object.keys(moved)).toEqual(Object.keys(gradients));
  });

  it("has the labels that the fixture names", () => {
    for (const [, network] of networks) expect([...onnxBatch(network, 0).labels]).toEqual(network.labels);
  });

  it("keeps its values where it has all", () => {
    const bytes = onnxBytes(onnxNetworks["cnn-dynamo"]!);
    expect(Buffer.from(fillSkeleton(bytes)).equals(bytes)).toBe(true);
  });
});
