/** Refuses work that needs more memory than this process may use. */
import { UserError } from "../errors.ts";
import { machineMemory } from "../runtime-node/index.ts";
import type { MetricPlan, Plan } from "./plan.ts";

/** Bytes as gigabytes, for messages. */
export const gigabytes = (bytes: number): string => `${Number((bytes / 1e9).toPrecision(3))} GB`;

/**
 * What is wrong with the memory of a plan; undefined where it fits.
 * @param available bytes that this process may use.
 */
export function memoryProblem(
  { memoryBytes }: Pick<Plan, "memoryBytes">,
  available = machineMemory(),
): string | undefined {
  if (memoryBytes <= available) return undefined;
  return `it needs about ${gigabytes(memoryBytes)} of memory, and this process may use ${gigabytes(available)}`;
}

/**
 * Refuses a plan that needs more memory than this process may use, before anything is started.
 * @throws UserError `E_DEVICE` when it does.
 */
export function requireMemory(name: string, plan: Plan | MetricPlan): void {
  const problem = memoryProblem(plan);
  if (problem !== undefined)
    throw new UserError(
      "E_DEVICE",
      `${name} does not fit: ${problem}; use fewer checkpoints, samples or tensors, smaller batches or a larger machine, or start it all the same with --allow-memory`,
    );
}
