/** Task networks: image classifiers, as functions of a scope. */
export { attend } from "./attention.ts";
export { type CatalogueEntry, catalogue, catalogued, lookUp } from "./catalogue.ts";
export { type CnnOptions, cnn } from "./cnn.ts";
export { type ConvNetOptions, convnet } from "./convnet.ts";
export { type ConvNextOptions, convnext } from "./convnext.ts";
export { type MlpOptions, mlp } from "./mlp.ts";
export type { Network } from "./network.ts";
export { onnxNetwork } from "./onnx.ts";
export { resizePositions } from "./position-embedding.ts";
export { type NetworkOptions, network } from "./registry.ts";
export { type SimpleVitOptions, simpleVit } from "./simple-vit.ts";
export { type TorchvisionTensor, torchvisionTensor } from "./torchvision.ts";
export { type VitOptions, vit } from "./vit.ts";
