/** The room that runs graphs on a device that it is given: programs, batches and state. */
export { type BatchedOptions, batched } from "./batched.ts";
export { type Data, type Device, type DeviceOptions, deviceNames } from "./device.ts";
export { compile, type Feeds, type Program } from "./program.ts";
export { type StateSlot, stepInputs } from "./step-graph.ts";
export { type Stepper, type StepperOptions, stepper } from "./stepper.ts";
