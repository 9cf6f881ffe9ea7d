/**
 * A classifier that another framework exported as ONNX. Its initialisers become parameters and
 * running statistics, with their names and values from the file.
 */
import { UserError } from "../errors.ts";
import { instantiate, isStatistic, type OnnxModel, shapeError, type Tensor } from "../graph/index.ts";
import type { Scope } from "../nn/index.ts";
import type { Network } from "./network.ts";

/**
 * The network of a model.
 * @throws UserError `E_SHAPE`, when the network is built, if the model takes other images or has
 *   another number of classes.
 */
export function onnxNetwork(model: OnnxModel): Network {
  return (at: Scope, images: Tensor, classes: number): Tensor => {
    const [input, second] = model.inputs;
    if (input === undefined || second !== undefined)
      throw shapeError("onnx", `the model has ${model.inputs.length} inputs, expected one, of images`);
    requireFreeBatch(input);
    const declared = new Map<string, Tensor>();
    for (const [name, { shape, data, kind }] of model.initialisers) {
      // Statistics stay as exported, because the graph is that of evaluation.
      const tensor = isStatistic(kind)
        ? at.buffer(name, shape, kind, data)
        : at.parameter(name, shape, kind, () => data.slice());
      declared.set(name, tensor);
    }
    const outputs = instantiate(model, {
      inputs: { [input.name]: images },
      initialiser: (name) => declared.get(name),
    });
    const [[name, logits] = noOutput()] = outputs;
    const [batch] = images.shape;
    if (logits.shape.length !== 2 || logits.shape[0] !== batch || logits.shape[1] !== classes)
      throw shapeError(
        "onnx",
        `its output ${name} is [${logits.shape}] for ${batch} images, expected [${batch}, ${classes}]: one logit for each class of the data`,
      );
    return logits;
  };
}

/** Refuses a model for a fixed number of images, saying how to export one for any number. */
function requireFreeBatch({ name, shape }: OnnxModel["inputs"][number]): void {
  const [batch] = shape;
  if (typeof batch !== "number") return;
  throw new UserError(
    "E_CHECKPOINT",
    `onnx: the model takes ${batch} ${batch === 1 ? "image" : "images"} at a time, expected any number; export it again with dynamic_shapes=({0: torch.export.Dim("batch")},) or, by the older exporter, dynamic_axes={${JSON.stringify(name)}: {0: "batch"}} (docs/onnx.md)`,
  );
}

function noOutput(): never {
  throw shapeError("onnx", "the model has no output, expected one, of logits");
}
