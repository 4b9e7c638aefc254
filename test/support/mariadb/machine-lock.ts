import { createHash } from 'node:crypto';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const WAIT_MS = 15 * 60_000;
const POLL_MS = 100;

/**
 * Runs the work while no other process of this machine does so under the same name. The lock is a
 * listening socket, because the kernel gives it back when its holder is killed.
 */
export async function whileAlone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const lock = await take(name);
  try {
    return await work();
  } finally {
    await new Promise((resolve) => lock.close(resolve));
  }
}

async function take(name: string): Promise<Server> {
  const address = addressOf(name);
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await delay(POLL_MS)) {
    const lock = await tryListen(address);
    if (lock !== undefined) return lock;
  }
  throw new Error(`Another process has held the lock "${name}" for too long`);
}

/** Linux has sockets that leave no file behind; elsewhere a loopback port stands for the name. */
function addressOf(name: string): ListenOptions {
  const hash = createHash('sha256').update(name).digest();
  if (process.platform === 'linux') return { path: `\0odtm-test-${hash.toString('hex')}` };
  return { host: '127.0.0.1', port: 49_152 + (hash.readUInt16BE(0) % 16_000) };
}

function tryListen(address: ListenOptions): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ ...address, exclusive: true }, () => resolve(server));
  });
}
