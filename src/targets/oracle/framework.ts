import { frameworkIn } from '../protocol/framework-files.ts';

/** Reads the files of the framework, once. */
export const framework = frameworkIn(
  new URL('./framework/', import.meta.url),
  /\.(?:sql|pks|pkb)$/,
);
