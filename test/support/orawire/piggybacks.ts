import type { Reader } from './bytes.ts';
import { MalformedMessage } from './errors.ts';
import { readFreedLobs } from './lobs.ts';

const FUNCTION = {
  lob: 96,
  closeCursors: 105,
  cancelCursors: 120,
  metrics: 135,
  setSchema: 152,
  appContext: 154,
} as const;

/** What the client sets for the session's view; undefined leaves it as it is, '' clears it. */
export interface Metrics {
  readonly clientId: string | undefined;
  readonly module: string | undefined;
  readonly action: string | undefined;
  readonly ecid: string | undefined;
  readonly clientInfo: string | undefined;
  readonly dbOp: string | undefined;
}

/** Something small that rides in front of a call. */
export type Piggyback =
  | { readonly kind: 'closeCursors' | 'cancelCursors'; readonly ids: readonly number[] }
  | { readonly kind: 'metrics'; readonly metrics: Metrics }
  | { readonly kind: 'setSchema'; readonly schema: string }
  | { readonly kind: 'freeLobs'; readonly locators: readonly Buffer[] }
  | {
      readonly kind: 'appContext';
      readonly namespace: string;
      readonly values: readonly (readonly [string, string])[];
    };

/** Reads a piggyback behind its header. */
export function readPiggyback(code: number, reader: Reader): Piggyback {
  switch (code) {
    case FUNCTION.closeCursors:
    case FUNCTION.cancelCursors: {
      reader.skip(1);
      const ids = reader.ints(reader.count());
      return { kind: code === FUNCTION.closeCursors ? 'closeCursors' : 'cancelCursors', ids };
    }
    case FUNCTION.metrics:
      return { kind: 'metrics', metrics: readMetrics(reader) };
    case FUNCTION.setSchema:
      reader.skip(1);
      return { kind: 'setSchema', schema: reader.longText() };
    case FUNCTION.lob:
      return { kind: 'freeLobs', locators: readFreedLobs(reader) };
    case FUNCTION.appContext:
      return readAppContext(reader);
    default:
      throw new MalformedMessage(`Piggyback ${code} is not known.`);
  }
}

/** All lengths come first, then the texts of those that are set and not empty. */
function readMetrics(reader: Reader): Metrics {
  const head = () => ({ isSet: reader.u8() === 1, length: reader.int() });
  reader.skip(2);
  reader.int();
  const [id, module, action, ecid] = [head(), head(), head(), head()];
  reader.skip(1);
  reader.int();
  const info = head();
  reader.skip(1);
  reader.int();
  reader.skip(1);
  reader.int();
  const dbOp = head();
  const text = ({ isSet, length }: { isSet: boolean; length: number }): string | undefined => {
    if (!isSet) return undefined;
    return length > 0 ? reader.text() : '';
  };
  return {
    clientId: text(id),
    module: text(module),
    action: text(action),
    ecid: text(ecid),
    clientInfo: text(info),
    dbOp: text(dbOp),
  };
}

function readAppContext(reader: Reader): Piggyback {
  if (reader.u8() !== 0) reader.int();
  reader.skip(1);
  const count = reader.count();
  reader.int();
  reader.skip(1);
  const namespace = reader.text();
  const values = Array.from({ length: count }, () => {
    const pair = [reader.longText(), reader.longText()] as const;
    reader.int();
    return pair;
  });
  return { kind: 'appContext', namespace, values };
}
