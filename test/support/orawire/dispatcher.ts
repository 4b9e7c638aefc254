import { Reader, Writer } from './bytes.ts';
import { ServerError, toOraError } from './errors.ts';
import { type Running, runExecute, runFetch, StatementFailed } from './execution.ts';
import { runLobRequest } from './lobs.ts';
import { Challenge, type LogonMessage, userName } from './logon.ts';
import { type Agreement, writeDataTypes, writeProtocol } from './negotiation.ts';
import type { Piggyback } from './piggybacks.ts';
import { endReply, type ReplyState, statusReply } from './replies.ts';
import { type PlainCall, type Request, type RequestBody, readRequest } from './requests.ts';
import type { ServerSession } from './session.ts';
import type { Settings } from './settings.ts';
import type { Backend, Call } from './types.ts';

const SECRETS = ['AUTH_SESSKEY', 'AUTH_PASSWORD', 'AUTH_PBKDF2_SPEEDY_KEY'];
const SEQUENCE_MAX = 0xffff;

/** Turns requests into replies: everything of a connection that knows nothing of packets. */
export class Dispatcher {
  agreement: Agreement;
  isLoggedOn = false;
  hasLoggedOff = false;
  private readonly settings: Settings;
  private readonly backend: Backend;
  private readonly session: ServerSession;
  private challenge: Challenge | undefined;
  private sequence = 0;

  constructor(settings: Settings, backend: Backend, session: ServerSession) {
    this.settings = settings;
    this.backend = backend;
    this.session = session;
    this.agreement = {
      fieldVersion: settings.fieldVersion,
      endOfResponse: settings.profile === '23',
      clientTimeZone: false,
      hasUniversalBytes: false,
    };
  }

  /** Throws ShortOfBytes when the request is not whole yet. */
  parse(payload: Buffer): Request {
    const { agreement, session, settings } = this;
    return readRequest(new Reader(payload), {
      agreement,
      fieldVersion: agreement.fieldVersion,
      maxStringSize: settings.maxStringSize,
      findCursor: (id) => session.cursors.find(id),
    });
  }

  /** Does what a piggyback asks for, and says how onCall sees it. */
  async apply(piggyback: Piggyback): Promise<Call> {
    const { session } = this;
    switch (piggyback.kind) {
      case 'closeCursors':
        for (const id of piggyback.ids) await session.cursors.close(id);
        return { name: piggyback.kind, detail: piggyback.ids };
      case 'cancelCursors':
        for (const id of piggyback.ids) await session.cursors.cancel(id);
        return { name: piggyback.kind, detail: piggyback.ids };
      case 'metrics':
        session.setMetrics(piggyback.metrics);
        return { name: piggyback.kind, detail: piggyback.metrics };
      case 'setSchema':
        session.schema = piggyback.schema;
        return { name: piggyback.kind, detail: piggyback.schema };
      case 'freeLobs':
        for (const locator of piggyback.locators) session.lobs.free(locator);
        return { name: piggyback.kind, detail: piggyback.locators.length };
      case 'appContext':
        return { name: piggyback.kind, detail: piggyback };
    }
  }

  /** The call as onCall sees it. */
  describe(body: RequestBody): Call {
    switch (body.kind) {
      case 'execute': {
        const { statement, cursorId, isReexecute, executions, prefetchRows } = body;
        const sql = statement?.sql ?? this.session.cursors.find(cursorId)?.statement.sql;
        return { name: 'execute', sql, detail: { isReexecute, executions, prefetchRows } };
      }
      case 'fetch':
        return { name: 'fetch', detail: body.rows };
      case 'lob':
        return { name: 'lob', detail: body.request };
      case 'logonTwo':
        return { name: 'auth' };
      case 'commit':
      case 'rollback':
      case 'ping':
      case 'logoff':
        return { name: body.kind };
      case 'unknown':
        return { name: 'other', detail: body.code };
      case 'oneWay':
        return { name: 'other' };
      default:
        return { name: 'connect' };
    }
  }

  /** Gives the reply; throws what the client is to be told. */
  async run(body: RequestBody, signal: AbortSignal): Promise<Buffer> {
    this.sequence = (this.sequence + 1) & SEQUENCE_MAX;
    const negotiated = this.negotiate(body) ?? (await this.logOn(body));
    if (negotiated !== undefined) return negotiated;
    if (!this.isLoggedOn) throw new ServerError(1012, 'not logged on');
    switch (body.kind) {
      case 'execute':
        return runExecute(body, this.running(signal));
      case 'fetch':
        return runFetch(body.cursorId, body.rows, this.running(signal));
      case 'lob': {
        const reply = runLobRequest(this.session.lobs, body.request);
        return Buffer.concat([reply, endReply(this.state())]);
      }
      case 'commit':
      case 'rollback':
      case 'ping':
      case 'logoff':
        await this.plain(body.kind);
        return statusReply(this.state());
      case 'unknown':
        throw new ServerError(3001, `unimplemented feature (TTC function ${body.code})`);
      default:
        throw new ServerError(3001, `unimplemented feature (${body.kind} in a session)`);
    }
  }

  /** The reply of a call that failed. */
  errorReply(thrown: unknown): Buffer {
    const failed = thrown instanceof StatementFailed ? thrown : undefined;
    const error = failed?.error ?? toOraError(thrown);
    return endReply(this.state(), { error, cursorId: failed?.cursorId });
  }

  private state(): ReplyState {
    const { agreement, sequence, session } = this;
    return { agreement, sequence, inTransaction: session.inTransaction };
  }

  private running(signal: AbortSignal): Running {
    const { agreement, backend, session, settings } = this;
    const { maxStringSize, bitVectors } = settings;
    const replyState = () => this.state();
    return { agreement, backend, session, maxStringSize, bitVectors, signal, replyState };
  }

  private async plain(kind: PlainCall): Promise<void> {
    const { backend, session } = this;
    if (kind === 'ping') await backend.ping?.(session);
    if (kind === 'logoff') this.hasLoggedOff = true;
    if (kind === 'commit') await backend.commit?.(session);
    if (kind === 'rollback') await backend.rollback?.(session);
    if (kind === 'commit' || kind === 'rollback') session.inTransaction = false;
  }

  private negotiate(body: RequestBody): Buffer | undefined {
    if (this.isLoggedOn) return undefined;
    if (body.kind === 'protocol') return this.protocolReply();
    if (body.kind !== 'dataTypes') return undefined;
    this.agreement = body.agreement;
    return writeDataTypes(new Writer(), this.agreement).done();
  }

  private protocolReply(): Buffer {
    const { fieldVersion } = this.agreement;
    const { maxStringSize } = this.settings;
    return writeProtocol(new Writer(), { fieldVersion, maxStringSize }).done();
  }

  private async logOn(body: RequestBody): Promise<Buffer | undefined> {
    if (this.isLoggedOn) return undefined;
    if (body.kind === 'logonOne') return this.challengeReply(body.logon);
    if (body.kind === 'logonTwo') return this.answerReply(body.logon);
    if (body.kind !== 'fastAuth') return undefined;
    this.agreement = body.agreement;
    const dataTypes = writeDataTypes(new Writer(), this.agreement).done();
    const challenge = this.challengeReply(body.logon);
    return Buffer.concat([this.protocolReply(), dataTypes, challenge]);
  }

  private challengeReply({ user, values }: LogonMessage): Buffer {
    const { session, settings } = this;
    for (const [key, value] of values) session.client.set(key, value);
    session.user = userName(user);
    const password = Object.hasOwn(settings.users, session.user)
      ? settings.users[session.user]
      : undefined;
    this.challenge = new Challenge(password, settings.pbkdf2Iterations);
    return Buffer.concat([this.challenge.write(new Writer()).done(), endReply(this.state())]);
  }

  private async answerReply({ values }: LogonMessage): Promise<Buffer> {
    const { challenge, session } = this;
    this.challenge = undefined;
    if (challenge === undefined) throw new ServerError(1012, 'not logged on');
    const proof = challenge.answer(values);
    for (const [key, value] of values) {
      if (!SECRETS.includes(key)) session.client.set(key, value);
    }
    await this.backend.onOpen?.(session);
    this.isLoggedOn = true;
    const facts = [...Object.entries(this.sessionFacts()), ['AUTH_SVR_RESPONSE', proof] as const];
    const writer = new Writer().u8(8).int(facts.length);
    for (const [key, value] of facts) writer.keyValue(key, value);
    return Buffer.concat([writer.done(), endReply(this.state())]);
  }

  private sessionFacts(): Record<string, string> {
    const { session, settings } = this;
    return {
      AUTH_VERSION_STRING: '- Stand-in',
      AUTH_VERSION_SQL: '25',
      AUTH_VERSION_NO: String(versionNumber(settings.version, this.agreement)),
      AUTH_DBNAME: session.service.toUpperCase(),
      AUTH_USER_ID: '133',
      AUTH_SESSION_ID: String(session.id),
      AUTH_SERIAL_NUM: String(session.serial),
      AUTH_SC_SERVER_HOST: 'orawire',
      AUTH_SC_DBUNIQUE_NAME: 'ORAWIRE',
      AUTH_SC_INSTANCE_NAME: 'ORAWIRE',
      AUTH_SC_DB_DOMAIN: '',
      AUTH_SC_SERVICE_NAME: session.service.toLowerCase(),
      AUTH_SC_REAL_DBUNIQUE_NAME: 'ORAWIRE',
      AUTH_INSTANCENAME: 'ORAWIRE',
      AUTH_MAX_OPEN_CURSORS: String(settings.maxOpenCursors),
      AUTH_MAX_IDEN_LENGTH: '128',
    };
  }
}

/** Its layout has changed with 18c. */
function versionNumber(version: Settings['version'], { fieldVersion }: Agreement): number {
  const [release, update, revision, increment, extension] = version;
  const shifts = fieldVersion >= 11 ? [16, 12, 4] : [20, 12, 8];
  const [first = 0, second = 0, third = 0] = shifts;
  const low = (update << first) + (revision << second) + (increment << third) + extension;
  return release * 2 ** 24 + low;
}
