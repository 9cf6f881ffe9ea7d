/**
 * A classifier that another framework exported as ONNX, as a network like ours: its initialisers are declared as parameters
 * and running statistics under their own names, with their own values to begin with, and the graph is built from them.
 */
import { instantiate, type OnnxModel, shapeError, type Tensor } from "../graph/index.ts";
import type { Scope } from "../nn/index.ts";
import type { Network } from "./network.ts";

/**
 * The network of a model.
 * @throws UserError `E_SHAPE`, when it is built, where the model takes other images or tells apart other classes.
 */
export function onnxNetwork(model: OnnxModel): Network {
  return (at: Scope, images: Tensor, classes: number): Tensor => {
    const [input] = model.inputs;
    if (input === undefined || model.inputs.length > 1)
      throw shapeError("onnx", `the model has ${model.inputs.length} inputs, expected one, of images`);
    const declared = new Map<string, Tensor>();
    for (const [name, { shape, data, kind }] of model.initialisers) {
      // Its statistics stay as they were exported: the graph is that of evaluation.
      if (kind !== "statistic")
        declared.set(
          name,
          at.parameter(name, shape, kind, () => data.slice()),
        );
      else declared.set(name, at.buffer(name, shape, data));
    }
    const outputs = instantiate(model, {
      inputs: { [input.name]: images },
      initialiser: (name) => declared.get(name),
    });
    const logits = outputs.get(model.outputs[0]!)!;
    const [batch] = images.shape;
    if (logits.shape.length !== 2 || logits.shape[0] !== batch || logits.shape[1] !== classes)
      throw shapeError(
        "onnx",
        `its output ${model.outputs[0]} is [${logits.shape}] for ${batch} images, expected [${batch}, ${classes}]: one logit for each class of the data`,
      );
    return logits;
  };
}
