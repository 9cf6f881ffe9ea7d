/**
 * The room of plain files: whole-file writes that either happen or do not, lines and folders, JSON, checksums; and what is
 * needed to read the files of strangers: pickles without running them, and names as messages can show them.
 */
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
export { exists } from "./exists.ts";
export { type PickleRules, type PythonObject, type Unpickled, unpickle } from "./pickle.ts";
export { type Faults, show, showAll, showFaults } from "./show.ts";
export { safePath, type Unpack, type Unpacked, unpackArchive } from "./unpack.ts";
