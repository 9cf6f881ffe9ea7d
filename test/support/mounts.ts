/** Small file systems to run out of, where the machine lets us mount any. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Mount {
  readonly folder: string;
  /** Makes it read-only. */
  freeze(): void;
  release(): void;
}

/** A file system in memory with a given number of bytes. */
export function mountMemory(bytes: number): Mount {
  const folder = mkdtempSync(join(tmpdir(), "pdiff-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder], { stdio: "ignore" });
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  return {
    folder,
    freeze: () => execFileSync("mount", ["-o", "remount,ro", folder]),
    release() {
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Whether file systems can be mounted here: root may, most others may not. */
export const canMount: boolean = (() => {
  try {
    mountMemory(65_536).release();
    return true;
  } catch {
    return false;
  }
})();
