import { once } from 'node:events';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ShortOfBytes } from './bytes.ts';
import { Dispatcher } from './dispatcher.ts';
import { isOraError, MalformedMessage, ServerError } from './errors.ts';
import { StatementFailed } from './execution.ts';
import { aborted, survives, within } from './faults.ts';
import { acceptBody, descriptorValue, readConnect, refuseBody } from './handshake.ts';
import {
  DATA_FLAG,
  encodeMarker,
  encodePacket,
  encodeReply,
  MARKER,
  PACKET,
  type Packet,
  PacketSplitter,
} from './packets.ts';
import type { Request, RequestBody } from './requests.ts';
import { ServerSession } from './session.ts';
import type { Settings } from './settings.ts';
import type { Backend, Ending, Fault } from './types.ts';

/** Clients wait for answers; one that piles up requests is broken. */
const PENDING_MAX = 64;

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly settings: Settings;
  readonly backend: Backend;
  /** The session has ended, and its backend knows. */
  onEnded(connection: Connection): void;
  onFailure(error: unknown): void;
}

/** Markers go to and fro before an error or the answer to a break; requests are discarded meanwhile. */
interface Exchange {
  /** Undefined: the error of a cancelled call is not known yet. */
  reply: Buffer | undefined;
  isResetSent: boolean;
  isResetting: boolean;
  isMuted: boolean;
}

/** What a call came to. */
interface Outcome {
  readonly reply: Buffer;
  readonly failure?: unknown;
}

/** A connection: packets in and out, calls one after the other, breaks beside them. */
export class Connection {
  readonly session: ServerSession;
  private readonly host: ConnectionHost;
  private readonly socket: Socket;
  private readonly splitter = new PacketSplitter();
  private readonly calls: Dispatcher;
  private phase: 'connect' | 'descriptor' | 'open' | 'refused' = 'connect';
  private sdu: number;
  private payload: Buffer[] = [];
  private payloadBytes = 0;
  private marksRequests = false;
  private pending = 0;
  private queue: Promise<void> = Promise.resolve();
  private abort: AbortController | undefined;
  private readonly gone = new AbortController();
  private exchange: Exchange | undefined;
  private ended: Promise<void> | undefined;
  private isKilled = false;

  constructor(host: ConnectionHost, socket: Socket, id: number) {
    this.host = host;
    this.socket = socket;
    this.session = new ServerSession(id, host.settings.maxOpenCursors);
    this.calls = new Dispatcher(host.settings, host.backend, this.session);
    this.sdu = host.settings.sdu;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.onData(bytes));
    // A reset by the client is a loss like any other: 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => this.onClosed());
  }

  /** Whether there is a session; one that lost its client is there until its last call has ended. */
  get isSession(): boolean {
    return this.calls.isLoggedOn && !this.isKilled;
  }

  /** Cuts the connection; what runs is not told, as when a network fails. */
  disconnect(how: 'close' | 'reset'): void {
    if (how === 'reset' && !(this.socket instanceof TLSSocket)) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  /** Ends the session from the server's side: what runs is aborted, what is open is rolled back. */
  async kill(how: 'drop' | 'error'): Promise<void> {
    const wasRunning = this.abort !== undefined;
    this.isKilled = true;
    this.abort?.abort();
    if (how === 'drop') this.socket.destroy();
    await this.end('killed');
    if (how === 'error' && wasRunning) this.fail(this.killedReply());
  }

  private onData(bytes: Buffer): void {
    try {
      this.splitter.push(bytes);
      for (let packet = this.splitter.next(); packet; packet = this.splitter.next()) {
        if (this.phase === 'refused' || this.socket.destroyed) return;
        this.onPacket(packet);
      }
    } catch (error) {
      this.crash(error);
    }
  }

  private crash(error: unknown): void {
    this.host.onFailure(error);
    this.socket.destroy();
  }

  private onClosed(): void {
    this.gone.abort();
    this.session.lost = !this.calls.hasLoggedOff;
    this.payload = [];
    if (this.calls.isLoggedOn && this.session.lost && !this.isKilled) {
      this.guarded(() => this.host.backend.onLost?.(this.session));
      if (this.host.settings.lostClient === 'abort') this.abort?.abort();
    }
    this.end(this.session.lost ? 'lost' : 'logoff');
  }

  /** Once the last call has wound down, tells the backend; once only. */
  private end(ending: Ending): Promise<void> {
    this.ended ??= (async () => {
      await this.queue;
      if (this.calls.isLoggedOn) {
        await this.guarded(() => this.session.cursors.closeAll());
        await this.guarded(() => this.host.backend.onClose?.(this.session, ending));
      }
      this.host.onEnded(this);
    })();
    return this.ended;
  }

  private async guarded(action: () => void | Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.host.onFailure(error);
    }
  }

  private onPacket({ type, body }: Packet): void {
    if (type === PACKET.connect && this.phase === 'connect') this.onConnect(body);
    else if (type === PACKET.data && this.phase === 'descriptor') {
      this.accept(body.subarray(2).toString());
    } else if (type === PACKET.data && this.phase === 'open') this.onPayload(body);
    else if (type === PACKET.marker && this.phase === 'open') {
      this.onMarker(body[2]).catch((error) => this.crash(error));
    } else throw new MalformedMessage(`A packet of type ${type} is out of place.`);
  }

  private onConnect(body: Buffer): void {
    const { sdu, descriptor } = readConnect(body);
    this.sdu = Math.min(this.host.settings.sdu, sdu);
    if (descriptor === undefined) this.phase = 'descriptor';
    else this.accept(descriptor);
  }

  private accept(descriptor: string): void {
    const { profile, services } = this.host.settings;
    const find = (key: string) => descriptorValue(descriptor, key);
    this.session.service = find('SERVICE_NAME') ?? find('SID') ?? '';
    const name = this.session.service.toUpperCase();
    if (!services.some((service) => service.toUpperCase() === name)) {
      this.phase = 'refused';
      this.socket.end(encodePacket(PACKET.refuse, refuseBody(descriptor), false));
      return;
    }
    this.socket.write(encodePacket(PACKET.accept, acceptBody(profile, this.sdu), false));
    this.splitter.useLongLengths(this.sdu);
    this.phase = 'open';
  }

  private onPayload(body: Buffer): void {
    if (body.length < 2) throw new MalformedMessage('A DATA packet lacks its flags.');
    const flags = body.readUInt16BE();
    if (flags & DATA_FLAG.endOfFile) {
      this.socket.end();
      return;
    }
    if (this.exchange !== undefined) return;
    this.payload.push(body.subarray(2));
    this.payloadBytes += body.length - 2;
    if (this.payloadBytes > this.host.settings.maxRequestBytes) {
      throw new MalformedMessage(`A request is longer than ${this.payloadBytes} bytes.`);
    }
    const isEnd = (flags & DATA_FLAG.endOfRequest) !== 0;
    // Drivers before 6.5 do not mark the last packet: there each one may be the last.
    if (isEnd) this.marksRequests = true;
    else if (this.marksRequests) return;
    const request = this.parsed(isEnd);
    if (request !== undefined) this.enqueue(request);
  }

  private parsed(isEnd: boolean): Request | undefined {
    const payload = Buffer.concat(this.payload);
    try {
      const request = this.calls.parse(payload);
      this.dropPayload();
      return request;
    } catch (error) {
      if (!(error instanceof ShortOfBytes) || isEnd) throw error;
      this.payload = [payload];
      return undefined;
    }
  }

  private dropPayload(): void {
    this.payload = [];
    this.payloadBytes = 0;
  }

  private enqueue(request: Request): void {
    this.pending += 1;
    if (this.pending > PENDING_MAX) throw new MalformedMessage('Too many requests are waiting.');
    this.queue = this.queue
      .then(() => this.perform(request))
      .catch((error) => this.crash(error))
      .finally(() => {
        this.pending -= 1;
      });
  }

  private async perform({ piggybacks, body }: Request): Promise<void> {
    if (this.isKilled) {
      this.fail(this.killedReply());
      return;
    }
    if (this.calls.isLoggedOn) {
      for (const piggyback of piggybacks) {
        const call = await this.calls.apply(piggyback);
        await this.host.backend.onCall?.(call, this.session);
      }
    }
    if (body.kind === 'oneWay' || this.currentExchange() || this.gone.signal.aborted) return;
    const abort = new AbortController();
    this.abort = abort;
    const outcome = await this.outcome(body, abort.signal);
    this.abort = undefined;
    if (outcome === undefined || this.isKilled) return;
    const exchange = this.currentExchange();
    // Cancelled, and later than the grace: its client has been answered already.
    if (exchange === undefined && abort.signal.aborted) return;
    if (exchange === undefined) await this.answer(body, outcome);
    else exchange.reply ??= cancelledReply(outcome);
  }

  private async outcome(body: RequestBody, signal: AbortSignal): Promise<Outcome | undefined> {
    try {
      const call = this.calls.describe(body);
      const fault = await this.host.backend.onCall?.(call, this.session);
      const isAfter = fault?.at === 'after';
      if (fault && !isAfter && !(await this.survives(fault, signal))) return undefined;
      const reply = await this.calls.run(body, signal);
      if (fault && isAfter && !(await this.survives(fault, signal))) return undefined;
      return { reply };
    } catch (error) {
      const cause = error instanceof StatementFailed ? error.cause : error;
      if (!isOraError(cause) && !signal.aborted) this.host.onFailure(cause);
      return { reply: this.calls.errorReply(error), failure: cause };
    }
  }

  private survives(fault: Fault, signal: AbortSignal): Promise<boolean> {
    const stop = AbortSignal.any([signal, this.gone.signal]);
    return survives(fault, { stop, drop: () => this.socket.destroy() });
  }

  private async answer(body: RequestBody, { reply, failure }: Outcome): Promise<void> {
    if (failure !== undefined && !this.calls.isLoggedOn) {
      // Nobody logs on over a connection where that has failed once.
      this.send(reply);
      this.socket.end();
    } else if (failure !== undefined) this.fail(reply);
    else {
      const isBare = body.kind === 'protocol' || body.kind === 'dataTypes';
      this.send(reply, this.calls.agreement.endOfResponse && !isBare);
    }
    if (!this.socket.writableNeedDrain || this.socket.destroyed) return;
    await Promise.race([once(this.socket, 'drain'), aborted(this.gone.signal)]).catch(() => {});
  }

  private send(reply: Buffer, endOfResponse = this.calls.agreement.endOfResponse): void {
    if (!this.socket.writable) return;
    for (const packet of encodeReply(reply, this.sdu, endOfResponse)) this.socket.write(packet);
  }

  private sendMarker(kind: number): void {
    if (this.socket.writable) this.socket.write(encodeMarker(kind));
  }

  /** Sends an error, behind markers where that is the server's way. */
  private fail(reply: Buffer): void {
    if (this.exchange !== undefined) {
      this.exchange.reply = reply;
      return;
    }
    if (this.host.settings.errorMarkers && !this.calls.agreement.endOfResponse) {
      this.exchange = { reply, isResetSent: true, isResetting: false, isMuted: false };
      this.sendMarker(MARKER.break);
      this.sendMarker(MARKER.reset);
      return;
    }
    this.send(reply);
    if (this.isKilled) this.socket.end();
  }

  private killedReply(): Buffer {
    return this.calls.errorReply(new ServerError(28, 'your session has been killed'));
  }

  /** A call may have begun one since the last look, which the compiler would not believe. */
  private currentExchange(): Exchange | undefined {
    return this.exchange;
  }

  private async onMarker(kind: number | undefined): Promise<void> {
    if (this.socket.writableLength > this.host.settings.maxRequestBytes) {
      throw new MalformedMessage('The client sends markers and reads no answers.');
    }
    if (kind === MARKER.reset) await this.onReset();
    else if (this.exchange === undefined) await this.onInterrupt();
  }

  private async onInterrupt(): Promise<void> {
    const exchange: Exchange = {
      reply: undefined,
      isResetSent: false,
      isResetting: false,
      isMuted: false,
    };
    this.exchange = exchange;
    this.dropPayload();
    const { backend } = this.host;
    const fault = await backend.onCall?.({ name: 'break' }, this.session);
    exchange.isMuted = fault?.kind === 'hang';
    if (fault !== undefined && !(await this.survives(fault, this.gone.signal))) return;
    if (this.calls.isLoggedOn) await this.guarded(() => backend.onBreak?.(this.session));
    this.abort?.abort();
    this.sendMarker(MARKER.break);
  }

  private async onReset(): Promise<void> {
    const { exchange } = this;
    if (exchange === undefined || exchange.isMuted || exchange.isResetting) return;
    exchange.isResetting = true;
    if (!exchange.isResetSent) {
      await within(this.host.settings.cancelGraceMs, this.queue);
      this.sendMarker(MARKER.reset);
    }
    this.exchange = undefined;
    const cancelled = 'user requested cancel of current operation';
    this.send(exchange.reply ?? this.calls.errorReply(new ServerError(1013, cancelled)));
    if (this.isKilled) this.socket.end();
  }
}

/** What a block makes of its cancel is what the client gets; else it is the cancel itself. */
function cancelledReply({ reply, failure }: Outcome): Buffer | undefined {
  return isOraError(failure) ? reply : undefined;
}
