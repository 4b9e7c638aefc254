import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A relay that cuts the stream of bytes into small pieces, of sizes that a test can foretell. */
export async function startRelay(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(port, '127.0.0.1');
    join(client, target);
    join(target, client);
    for (const socket of [client, target]) sockets.add(socket.setNoDelay(true));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

function join(from: Socket, to: Socket): void {
  let turn = 0;
  from.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) {
      turn += 1;
      const length = bytes.length > 20_000 ? 1 + ((turn * 997) % 5000) : 1 + ((turn * 7) % 40);
      to.write(bytes.subarray(at, at + length));
      at += length;
    }
  });
  from.on('end', () => to.end());
  // The loss of one side is the loss of the other.
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}
