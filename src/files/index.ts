/** The room of plain files: whole-file writes that either happen or do not, lines and folders, JSON, checksums. */
export {
  appendLine,
  makeFolder,
  readJson,
  remove,
  removeTemporaries,
  sha256File,
  writeAtomic,
  writeJson,
} from "./atomic.ts";
