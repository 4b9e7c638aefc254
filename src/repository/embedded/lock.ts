import { createHash } from 'node:crypto';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { serverFailure } from './failure.ts';
import { type Place, placeOf } from './location.ts';

const WAIT_MS = 120_000;
const POLL_MS = 40;

/**
 * Runs the work while no other process does so for the same data directory. The lock is a listening
 * socket and not a file, because the kernel gives it back when its holder is killed.
 * @throws EMBEDDED_SERVER_FAILED when another process holds the lock for two minutes.
 */
export async function withLock<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const socket = await take(placeOf(dataDir));
  try {
    return await work();
  } finally {
    await new Promise((resolve) => socket.close(resolve));
  }
}

async function take(place: Place): Promise<Server> {
  const address = addressOf(place.dataDir);
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await delay(POLL_MS)) {
    const socket = await tryListen(address);
    if (socket !== undefined) return socket;
  }
  throw await serverFailure(place, 'answer', 'another process has been busy with it for too long');
}

/** Linux has sockets that leave no file behind; elsewhere a loopback port stands for the directory. */
function addressOf(dataDir: string): ListenOptions {
  const hash = createHash('sha256').update(dataDir).digest();
  if (process.platform === 'linux') return { path: `\0odtm-${hash.toString('hex')}` };
  return { host: '127.0.0.1', port: 49_152 + (hash.readUInt16BE(0) % 16_000) };
}

function tryListen(address: ListenOptions): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createServer((connection) => connection.destroy());
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    socket.listen({ ...address, exclusive: true }, () => resolve(socket));
  });
}
