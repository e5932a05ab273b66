import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands before a server. Frozen connections stay open and mute, as behind a firewall that forgot them. */
export class FreezingProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async before(port: number): Promise<FreezingProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const made = new FreezingProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (from) => {
      made.join(from, connect(port, '127.0.0.1'));
    });
    return made;
  }

  /** Those that are open now; later ones pass. @returns how many. */
  freeze(): number {
    for (const [from, to] of this.pairs) {
      from.unpipe(to).pause();
      to.unpipe(from).pause();
    }
    return this.pairs.size;
  }

  async stop(): Promise<void> {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(from: Socket, to: Socket): void {
    const pair = [from, to] as const;
    this.pairs.add(pair);
    from.pipe(to);
    to.pipe(from);
    for (const socket of pair) {
      socket.on('error', () => undefined); // The other end is gone; so is this one.
      socket.on('close', () => {
        this.pairs.delete(pair);
        for (const one of pair) one.destroy();
      });
    }
  }
}
