/** The room of what only Node has: ONNX Runtime for Node as a device, and threads. */
export { machineCores, machineMemory } from "./machine.ts";
export { availableDevices, nodeDevice, requireDevice, versions } from "./node-device.ts";
export { noiseAhead } from "./noise-ahead.ts";
export { startThread } from "./thread.ts";
