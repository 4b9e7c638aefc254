/** What an address text says. */
export interface Address {
  readonly host: string;
  /** Null: the engine's default port. */
  readonly port: number | null;
  readonly database: string;
}

/** `host[:port]/database`; an IPv6 address stands in brackets. */
export const ADDRESS_PATTERN = /^(\[[0-9a-fA-F:.]+\]|[^\s/:@[\]]+)(?::(\d{1,5}))?\/([^\s/@]+)$/;

/** Takes an address apart; null where it is none. */
export function parseAddress(text: string): Address | null {
  const match = ADDRESS_PATTERN.exec(text);
  if (match === null) return null;
  const [, host = '', port, database = ''] = match;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? null : Number.parseInt(port, 10),
    database,
  };
}
