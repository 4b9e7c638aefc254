import type { CreatedObject } from '../plsql/installed.ts';
import type { InstallScene } from '../protocol/install-parts.ts';
import { explain } from './code-files.ts';
import { type Connection, failedWith } from './connection.ts';
import { createdBy, definitionOf, dropObject } from './schema-objects.ts';
import type { TranslatedUnit } from './translate/translate.ts';

/** Table, column, key, partition, constraint are there already: so is what a state file wants to make. */
const EXISTS = [1050, 1060, 1061, 1068, 1517, 1826];

/** What brings one object back to how it was. */
interface Undo {
  readonly object: CreatedObject;
  /** Null: it was not there; empty: it was, and how it was is unknown. */
  readonly before: string | null;
}

/** Executes the units of an install and remembers how to take each of them back. */
export class InstallUndo {
  private readonly connection: Connection;
  private readonly undos: Undo[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** @throws OdtmError PACKAGE_INSTALL_FAILED, PRIVILEGE_MISSING */
  async run(
    units: readonly TranslatedUnit[],
    scene: InstallScene,
    { mayExist }: { readonly mayExist: boolean },
  ): Promise<void> {
    for (const unit of units) {
      const object = createdBy(unit);
      let before: string | null = null;
      try {
        if (object !== null) before = await definitionOf(this.connection, object);
        await this.connection.query(unit.text);
      } catch (error) {
        if (mayExist && failedWith(error, ...EXISTS)) continue;
        throw explain(error, unit, scene);
      }
      if (object !== null) this.undos.push({ object, before });
    }
  }

  /**
   * Takes everything back, the last first. Data is never touched: a table that was there before stays as it
   * is, also where its statement has been executed again.
   */
  async all(): Promise<void> {
    await this.connection.rollback().catch(() => undefined);
    for (const undo of this.undos.reverse()) await this.one(undo).catch(() => undefined);
    await this.connection.commit().catch(() => undefined);
  }

  private async one({ object, before }: Undo): Promise<void> {
    if (before === null) await dropObject(this.connection, object);
    else if (before !== '' && object.kind !== 'table' && object.kind !== 'sequence')
      await this.connection.query(before);
  }
}
