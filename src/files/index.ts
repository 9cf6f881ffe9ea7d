/**
 * Files: atomic writes, lines and folders, JSON, checksums. Also what reads untrusted files safely:
 * archives, pickles without running them, and names as messages can show them.
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
export { dictKey, type PickleRules, type PythonObject, type Unpickled, unpickle } from "./pickle.ts";

export { safePath, type Unpack, type Unpacked, unpackArchive } from "./unpack.ts";
