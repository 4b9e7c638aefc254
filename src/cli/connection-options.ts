import type { OptionReader } from './option-reader.ts';
import type { ConnectionOptions } from './services.ts';

/** Which repository a command line means. @throws OdtmError USAGE */
export function connectionOptions(options: OptionReader): ConnectionOptions {
  options.atMostOne('repository', 'data-dir');
  const repository = options.text('repository');
  const dataDir = options.text('data-dir');
  return {
    ...(repository === undefined ? {} : { repository }),
    ...(dataDir === undefined ? {} : { dataDir }),
  };
}
