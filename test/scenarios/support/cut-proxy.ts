import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** An answer that is to get lost. */
interface Swallow {
  readonly text: string;
  readonly swallowed: () => void;
  times: number;
}

/** A message at which a connection is to break. */
interface Break {
  left: number;
  readonly at: 'before' | 'after';
  hasCome: boolean;
}

/** Silence of a server that has begun to answer: the answer is over. */
const ANSWERED_MS = 30;

/** What the proxy does with what comes in. */
type Mood = 'open' | 'hanging' | 'refusing';

/** A network between ODTM and a server, which can be cut, hang, refuse, or lose an answer. */
export class CutProxy {
  readonly port: number;
  /** How many connections clients have opened. */
  accepted = 0;
  private readonly listener: Server;
  private readonly pairs = new Set<Pair>();
  private mood: Mood = 'open';
  private swallow: Swallow | null = null;
  private break: Break | null = null;

  private constructor(listener: Server, port: number, target: URL) {
    this.listener = listener;
    this.port = port;
    listener.on('connection', (client) => this.accept(client, target));
  }

  static async to(serverUrl: string): Promise<CutProxy> {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    return new CutProxy(listener, port, new URL(serverUrl));
  }

  /** Breaks every connection that is there; new ones go through. */
  cut(): void {
    for (const pair of this.pairs) drop(pair);
  }

  /** Nothing gets through in either direction, and nobody is told: neither old connections nor new ones. */
  hang(): void {
    this.mood = 'hanging';
    for (const { client, server } of this.pairs) {
      client.pause();
      server.pause();
    }
  }

  /** Breaks what is there and refuses new connections. */
  refuse(): void {
    this.mood = 'refusing';
    this.cut();
  }

  /** Everything works again; what hung goes on. */
  open(): void {
    this.mood = 'open';
    for (const { client, server } of this.pairs) {
      client.resume();
      server.resume();
    }
  }

  /**
   * Lets the next message of the client that contains the text (or the one that does so for the n-th time)
   * reach the server, keeps the whole answer from the client and breaks the connection. Resolves when the
   * server has answered to the end (ReadyForQuery): what it was asked for has been decided.
   */
  swallowAnswerTo(text: string, times = 1): Promise<void> {
    return new Promise((resolve) => {
      this.swallow = { text, times, swallowed: resolve };
    });
  }

  /**
   * Breaks a connection at the n-th message from now that comes from clients, whichever they are: before
   * it reaches the server, or once the server has answered, which the client does not get to know. Returns
   * how to ask whether it has come to that.
   */
  breakAtMessage(number: number, at: Break['at']): () => boolean {
    const ordered: Break = { left: number, at, hasCome: false };
    this.break = ordered;
    return () => ordered.hasCome;
  }

  async close(): Promise<void> {
    this.cut();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private accept(client: Socket, target: URL): void {
    this.accepted += 1;
    if (this.mood === 'refusing') {
      client.destroy();
      return;
    }
    const server = connect(Number(target.port), target.hostname);
    const pair = { client, server };
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      drop(pair);
    };
    for (const socket of [client, server]) {
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (part: Buffer) => this.toServer(pair, part));
    server.on('data', (part: Buffer) => client.write(part));
    if (this.mood === 'hanging') {
      client.pause();
      server.pause();
    }
  }

  private toServer(pair: Pair, part: Buffer): void {
    if (this.isBreaking(pair, part)) return;
    const { server } = pair;
    const wanted = this.swallow;
    if (wanted !== null && part.includes(wanted.text)) wanted.times -= 1;
    if (wanted?.times === 0) {
      this.swallow = null;
      server.removeAllListeners('data');
      server.on('data', (answer: Buffer) => {
        if (!endsReady(answer)) return;
        drop(pair);
        wanted.swallowed();
      });
    }
    server.write(part);
  }

  /** Whether the message has met its break; then the rest is done. */
  private isBreaking(pair: Pair, part: Buffer): boolean {
    if (this.break === null || --this.break.left > 0) return false;
    const { at } = this.break;
    this.break.hasCome = true;
    this.break = null;
    if (at === 'before') {
      drop(pair);
    } else {
      breakWhenAnswered(pair);
      pair.server.write(part);
    }
    return true;
  }
}

/** Breaks both sides when the server has answered, or has nothing more to say. */
function breakWhenAnswered(pair: Pair): void {
  let timer: NodeJS.Timeout | undefined;
  pair.server.removeAllListeners('data');
  pair.server.on('data', () => {
    clearTimeout(timer);
    timer = setTimeout(() => drop(pair), ANSWERED_MS);
  });
}

function drop({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}

/** Whether an answer ends with ReadyForQuery outside of a transaction: Z, length 5, I. */
function endsReady(answer: Buffer): boolean {
  return answer.subarray(-6).equals(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]));
}
