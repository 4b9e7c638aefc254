import type { CreatedObject } from '../plsql/installed.ts';
import { keyOf } from '../plsql/installed-objects.ts';
import type { InstallScene } from '../protocol/install-parts.ts';
import { explain, type FileUnit } from './code-files.ts';
import type { Connection } from './connection.ts';
import { errorNumber } from './errors.ts';
import { createdBy, createText, dropObject, isCode, readSources } from './schema-objects.ts';

/** Name, column, key, constraint, index are there already: so is what a state file wants to make. */
const EXISTS = new Set([955, 1408, 1430, 2260, 2261, 2264, 2275, 14_013, 38_301]);

/** What brings one object back to how it was. */
interface Undo {
  readonly object: CreatedObject;
  /** Its source before; null: it was not there. */
  readonly before: string | null;
}

/** Executes the units of an install and remembers how to take each of them back. */
export class InstallUndo {
  private readonly connection: Connection;
  private readonly undos: Undo[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Executes what makes tables and the like. @throws OdtmError PACKAGE_INSTALL_FAILED, PRIVILEGE_MISSING */
  async state(units: readonly FileUnit[], scene: InstallScene): Promise<void> {
    for (const unit of units) {
      const object = createdBy(unit);
      if (object !== null && isCode(object)) await this.code([unit], scene);
      else if ((await this.execute(unit, scene)) && object !== null)
        this.undos.push({ object, before: null });
    }
  }

  /** Creates code; whether it compiles is seen later. @throws OdtmError PACKAGE_INSTALL_FAILED, … */
  async code(units: readonly FileUnit[], scene: InstallScene): Promise<void> {
    const objects = units.flatMap((unit) => createdBy(unit) ?? []);
    const sources = await readSources(this.connection, objects);
    for (const unit of units) {
      const object = createdBy(unit);
      if (object !== null) this.undos.push({ object, before: sources.get(keyOf(object)) ?? null });
      await this.execute(unit, scene);
    }
  }

  /** False: what it wants to make is there already. */
  private async execute(unit: FileUnit, scene: InstallScene): Promise<boolean> {
    try {
      await this.connection.create(unit.text);
      return true;
    } catch (error) {
      if (EXISTS.has(errorNumber(error) ?? 0)) return false;
      throw explain(error, unit, scene);
    }
  }

  /**
   * Takes everything back: what is new goes, the last first; what was there is created as it was, in its
   * order. Data that was there before is never touched.
   */
  async all(): Promise<void> {
    await this.connection.rollback().catch(() => undefined);
    for (const { object, before } of this.undos.toReversed())
      if (before === null) await dropObject(this.connection, object).catch(() => undefined);
    for (const { object, before } of this.undos) {
      if (before === null) continue;
      await this.connection.create(createText(object, before)).catch(() => undefined);
    }
    await this.connection.commit().catch(() => undefined);
  }
}
