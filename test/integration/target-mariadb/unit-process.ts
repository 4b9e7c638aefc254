import type { StreamIdentity, UnitCall } from '../../../src/ports/target.ts';
import { mariadbEngine } from '../../../src/targets/mariadb/engine.ts';

/** What the parent wants done, in the variable UNIT_PROCESS. */
export interface UnitProcessOrder {
  readonly options: Parameters<typeof mariadbEngine.connect>[0];
  readonly identity: StreamIdentity;
  readonly call: UnitCall;
}

// A controller reduced to what a target sees of it: one session, one unit. The parent kills it in the middle.
const order: UnitProcessOrder = JSON.parse(process.env.UNIT_PROCESS ?? '');
const target = await mariadbEngine.connect(order.options);
const attachment = await target.attach(order.identity);
const session = await attachment.session();
await session.run(order.call, { statement: () => undefined });
