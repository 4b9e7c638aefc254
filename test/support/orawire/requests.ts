import type { Reader } from './bytes.ts';
import { MalformedMessage } from './errors.ts';
import {
  type ExecuteCall,
  type ParseContext,
  readExecute,
  readReexecute,
} from './execute-request.ts';
import { type LobRequest, readLobRequest } from './lobs.ts';
import { type LogonMessage, readLogon } from './logon.ts';
import { type Agreement, readDataTypes, readProtocol } from './negotiation.ts';
import { type Piggyback, readPiggyback } from './piggybacks.ts';

const MESSAGE = {
  protocol: 1,
  dataTypes: 2,
  function: 3,
  piggyback: 17,
  oneWay: 26,
  fastAuth: 34,
} as const;

const FUNCTION = {
  reexecute: 4,
  fetch: 5,
  logoff: 9,
  commit: 14,
  rollback: 15,
  reexecuteAndFetch: 78,
  execute: 94,
  lob: 96,
  logonTwo: 115,
  logonOne: 118,
  ping: 147,
} as const;

const TOKEN_VERSION = 18;

/** A call that needs nothing but its name. */
export type PlainCall = 'commit' | 'rollback' | 'ping' | 'logoff';

const PLAIN: Readonly<Record<number, PlainCall>> = {
  [FUNCTION.commit]: 'commit',
  [FUNCTION.rollback]: 'rollback',
  [FUNCTION.ping]: 'ping',
  [FUNCTION.logoff]: 'logoff',
};

/** What the client asks for, as plain data. */
export type RequestBody =
  | { readonly kind: 'protocol' }
  | { readonly kind: 'dataTypes'; readonly agreement: Agreement }
  | { readonly kind: 'fastAuth'; readonly agreement: Agreement; readonly logon: LogonMessage }
  | { readonly kind: 'logonOne' | 'logonTwo'; readonly logon: LogonMessage }
  | { readonly kind: PlainCall }
  | { readonly kind: 'fetch'; readonly cursorId: number; readonly rows: number }
  | { readonly kind: 'lob'; readonly request: LobRequest }
  | { readonly kind: 'unknown'; readonly code: number }
  /** Nothing to answer. */
  | { readonly kind: 'oneWay' }
  | ExecuteCall;

/** A request: any number of piggybacks and one call. */
export interface Request {
  readonly piggybacks: readonly Piggyback[];
  readonly body: RequestBody;
}

/** What the parser must know: the connection's state, and what has been negotiated. */
export interface RequestContext extends ParseContext {
  readonly agreement: Agreement;
}

/** Parses a whole request; changes nothing, so that it may be tried again when more has come. */
export function readRequest(reader: Reader, context: RequestContext): Request {
  const piggybacks: Piggyback[] = [];
  for (;;) {
    const message = reader.u8();
    if (message === MESSAGE.protocol) {
      readProtocol(reader);
      return { piggybacks, body: { kind: 'protocol' } };
    }
    if (message === MESSAGE.dataTypes) {
      const agreement = readDataTypes(reader, context.agreement);
      return { piggybacks, body: { kind: 'dataTypes', agreement } };
    }
    if (message === MESSAGE.fastAuth) return { piggybacks, body: readFastAuth(reader, context) };
    const code = readHeader(reader, context.fieldVersion);
    if (message === MESSAGE.function) {
      return { piggybacks, body: readFunction(code, reader, context) };
    }
    if (message === MESSAGE.oneWay) return { piggybacks, body: { kind: 'oneWay' } };
    if (message !== MESSAGE.piggyback) throw new MalformedMessage(`Message ${message} is unknown.`);
    piggybacks.push(readPiggyback(code, reader));
  }
}

/** Function code, sequence number and, from 23ai on, a token. */
function readHeader(reader: Reader, fieldVersion: number): number {
  const code = reader.u8();
  reader.skip(1);
  if (fieldVersion >= TOKEN_VERSION) reader.int();
  return code;
}

/** Three messages of a logon in one; the call inside has no token, whatever the version. */
function readFastAuth(reader: Reader, context: RequestContext): RequestBody {
  reader.skip(4);
  readProtocol(reader);
  reader.skip(7);
  const agreement = readDataTypes(reader, context.agreement);
  reader.skip(3);
  return { kind: 'fastAuth', agreement, logon: readLogon(reader) };
}

function readFunction(code: number, reader: Reader, context: RequestContext): RequestBody {
  switch (code) {
    case FUNCTION.logonOne:
      return { kind: 'logonOne', logon: readLogon(reader) };
    case FUNCTION.logonTwo:
      return { kind: 'logonTwo', logon: readLogon(reader) };
    case FUNCTION.execute:
      return readExecute(reader, context);
    case FUNCTION.reexecute:
      return readReexecute(reader, context, false);
    case FUNCTION.reexecuteAndFetch:
      return readReexecute(reader, context, true);
    case FUNCTION.fetch:
      return { kind: 'fetch', cursorId: reader.int(), rows: reader.int() };
    case FUNCTION.lob:
      return { kind: 'lob', request: readLobRequest(reader) };
    default: {
      const kind = PLAIN[code];
      return kind === undefined ? { kind: 'unknown', code } : { kind };
    }
  }
}
