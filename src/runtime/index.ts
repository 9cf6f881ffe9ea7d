/** The room that runs graphs: ONNX Runtime, devices and state. */
export { type BatchedOptions, batched } from "./batched.ts";
export { availableDevices, type Device, deviceNames, versions } from "./device.ts";
export { compile, type Data, type Feeds, type Program } from "./program.ts";
export { fedTo, type StateSlot, type Stepper, type StepperOptions, stepper } from "./stepper.ts";
export { startThread } from "./thread.ts";
