/** Folders for files of a test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders that are removed when the test file is done. */
export function temporaryFolders(): { make: () => string; remove: () => void } {
  const made: string[] = [];
  return {
    make() {
      const folder = mkdtempSync(join(tmpdir(), "pdiff-test-"));
      made.push(folder);
      return folder;
    },
    remove() {
      for (const folder of made) rmSync(folder, { recursive: true, force: true });
    },
  };
}
