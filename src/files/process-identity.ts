/**
 * Who a process is, across restarts, containers and hosts: a process id alone is reused, and means
 * another process in another container.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

import { z } from "zod";

export const processIdentity = z.object({
  /** The host's name, for messages. */
  host: z.string(),
  /** A hash of what the process ids belong to: this boot of this host, and the container. */
  machine: z.string(),
  pid: z.number().int().positive(),
  /** When the process started, in the system's own count; empty where the system does not say. */
  started: z.string(),
});

export type ProcessIdentity = z.output<typeof processIdentity>;

const attempt = (read: () => string): string => {
  try {
    return read();
  } catch {
    return "";
  }
};

/** Field 22 of /proc/PID/stat. Field 2, the program's name, may have spaces and brackets. */
const startOf = (pid: number): string =>
  attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  });

function ownIdentity(): ProcessIdentity {
  const host = hostname();
  const boot = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  const namespace = attempt(() => readlinkSync("/proc/self/ns/pid"));
  const machine = createHash("sha256")
    .update(JSON.stringify([host, boot, namespace]))
    .digest("hex")
    .slice(0, 12);
  return { host, machine, pid: process.pid, started: startOf(process.pid) };
}

let own: ProcessIdentity | undefined;

/** This process. */
export const thisProcess = (): ProcessIdentity => (own ??= ownIdentity());

/**
 * Whether a process runs; undefined where that cannot be known: it belongs to another host or
 * container, or a process of its number runs and the system does not say when it started.
 */
export function isRunning({ machine, pid, started }: ProcessIdentity): boolean | undefined {
  if (machine !== thisProcess().machine) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = startOf(pid);
  return now === "" || started === "" ? undefined : now === started;
}
