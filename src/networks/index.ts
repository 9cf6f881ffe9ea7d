/** The room of task networks: classifiers of images, as functions of a scope. */
export { type CnnOptions, cnn } from "./cnn.ts";
export { type MlpOptions, mlp } from "./mlp.ts";
export { type Network, type NetworkOptions, network } from "./network.ts";
