import { readSslModes, type SslOptions } from '../protocol/ssl-modes.ts';

/** How to connect, and the options that are variables of the session. */
export interface ReadOptions extends Pick<SslOptions, 'modes'> {
  readonly settings: Readonly<Record<string, string>>;
}

/** A value of a session variable: a number, a word, or a quoted text without quotes inside. */
const SETTING_VALUE = /^(?:[\w.-]+|'[^'\\]*')$/;

/** Reads an instance's options: those about encryption; every other one is a session variable. */
export async function readSsl(options: Readonly<Record<string, string>>): Promise<ReadOptions> {
  const { modes, others } = await readSslModes(options);
  for (const [name, value] of Object.entries(others)) {
    if (!SETTING_VALUE.test(value))
      throw new Error(`option "${name}" has a value that is none of a session variable: ${value}`);
  }
  return { modes, settings: others };
}
