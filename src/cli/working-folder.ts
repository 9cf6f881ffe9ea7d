/**
 * Ends the program when its working folder is gone: paths would lead nowhere, and Node throws at
 * the first of them. It is loaded before all else.
 */
try {
  process.cwd();
} catch {
  process.stderr.write("pdiff: the folder that you stand in is gone; change to one that exists (cd)\n");
  process.exit(1);
}
