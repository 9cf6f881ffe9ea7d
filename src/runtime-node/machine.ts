/**
 * What this process may use of the machine: a container or a batch system often gives a part of the
 * memory and of the cores, which `os.totalmem()` does not know.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** Bytes of memory that this process may use: those of the machine, or of its control group. */
export function machineMemory(): number {
  // 0 or a number beyond any machine where nothing limits it.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Cores that this process may use, at least one. */
export const machineCores = (): number => Math.max(1, Math.min(availableParallelism(), Math.floor(coreQuota())));

/** Where version 2 and version 1 of control groups give the time that a group has, by period. */
const QUOTA_FILES = [
  ["/sys/fs/cgroup/cpu.max"],
  ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"],
];

/**
 * How many cores the control group has the time of; Infinity where it is not limited.
 * @param read the content of a file; throws where there is none.
 */
export function coreQuota(read = (path: string): string => readFileSync(path, "utf8")): number {
  for (const files of QUOTA_FILES) {
    try {
      const [quota, period] = files.flatMap((file) => read(file).trim().split(/\s+/)).map(Number);
      if (quota !== undefined && period !== undefined && quota > 0 && period > 0) return quota / period;
    } catch {
      // Other systems, and other versions, have no such file.
    }
  }
  return Infinity;
}
