import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls';
import { readSslModes, type SslOptions } from '../protocol/ssl-modes.ts';

/** How to connect, and the options that are variables of the session. */
export interface ReadOptions extends Pick<SslOptions, 'modes'> {
  readonly settings: Readonly<Record<string, string>>;
}

/** A value of a session variable: a number, a word, or a quoted text without quotes inside. */
const SETTING_VALUE = /^(?:[\w.-]+|'[^'\\]*')$/;

/** Reads an instance's options: those about encryption; every other one is a session variable. */
export async function readSsl(
  options: Readonly<Record<string, string>>,
  host: string,
): Promise<ReadOptions> {
  const { modes, others } = await readSslModes(options);
  for (const [name, value] of Object.entries(others)) {
    if (!SETTING_VALUE.test(value))
      throw new Error(`option "${name}" has a value that is none of a session variable: ${value}`);
  }
  return { modes: modes.map((mode) => forHost(mode, host)), settings: others };
}

/** The driver does not tell Node whom it connects to, and Node would compare with "localhost". */
function forHost(mode: false | ConnectionOptions, host: string): false | ConnectionOptions {
  if (mode === false) return false;
  const named = isIP(host) === 0 ? { servername: host } : {};
  const check = (_: string, certificate: PeerCertificate): Error | undefined =>
    checkServerIdentity(host, certificate);
  return { ...named, checkServerIdentity: check, ...mode };
}
