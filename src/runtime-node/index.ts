/** The room of what only Node has: ONNX Runtime for Node as a device, and threads. */
export { availableDevices, nodeDevice, versions } from "./node-device.ts";
export { startThread } from "./thread.ts";
