import type { Connection } from 'mariadb';
import type { PackageVersion } from '../../../src/core/definitions/model.ts';
import { packageFile, packageVersion } from '../../../src/definition-files/package-files.ts';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { mariadbFixture } from '../../conformance/target/mariadb-fixture.ts';
import { Stand } from '../../conformance/target/stand.ts';
import { rootConnection } from '../../support/mariadb/database.ts';
import { waitFor } from '../../support/wait-for.ts';

const STATE = `
CREATE TABLE written (id NUMBER(10) NOT NULL, txt VARCHAR2(400) NOT NULL,
  CONSTRAINT written_pk PRIMARY KEY (id))
/
CREATE SEQUENCE written_seq
/
`;

/** What the iterator of a package does where a test does not care. */
const ITERATOR = `put('iterator');`;

/** A package named conf with these tasks; `iterator` may be among them. */
export function packageOfTasks(tasks: Readonly<Record<string, string>>): PackageVersion {
  const { iterator = ITERATOR, ...others } = tasks;
  const head = 'p_handle VARCHAR2';
  const routines: [signature: string, body: string][] = [
    [`iterator (${head}, p_owner VARCHAR2, p_object_name VARCHAR2)`, iterator],
    [`initial (${head})`, `put('initial');`],
    [`final (${head}, p_after_error CHAR DEFAULT 'N')`, `put('final '||p_after_error);`],
    ...Object.entries(others).map(([name, body]): [string, string] => [`${name} (${head})`, body]),
  ];
  const spec = routines.map(([signature]) => `  PROCEDURE ${signature};\n`).join('');
  const bodies = routines.map(
    ([signature, text]) => `  PROCEDURE ${signature} IS\n  BEGIN\n    ${text}\n  END;\n`,
  );
  return packageVersion('conf', 'mariadb', [
    packageFile('state.sql', STATE),
    packageFile('10-spec.sql', `CREATE OR REPLACE PACKAGE conf AS\n${spec}END conf;\n/\n`),
    packageFile(
      '20-body.sql',
      `CREATE OR REPLACE PACKAGE BODY conf AS
  PROCEDURE put (p_text VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(NULL,
      'INSERT INTO written (id, txt) VALUES (written_seq.NEXTVAL, '''||p_text||''')', NULL);
  END put;
${bodies.join('')}END conf;
/
`,
    ),
  ]);
}

/** A schema of its own with a package made by the test, a stream on it, and a DBA's hands. */
export class Workshop implements AsyncDisposable {
  readonly fixture: TargetFixture;
  readonly stand: Stand;
  private root: Connection;
  private restarted = false;
  private readonly holders = new Set<Connection>();

  private constructor(fixture: TargetFixture, dba: Connection) {
    this.fixture = fixture;
    this.stand = new Stand(fixture);
    this.root = dba;
  }

  /**
   * `tasks` gets the name of the application's schema, in which the tables of the fixture are; `options` are
   * those of the instance, and `place` is where ODTM connects to.
   */
  static async open(
    tasks: (app: string) => Readonly<Record<string, string>> = () => ({}),
    options: Readonly<Record<string, string>> = {},
    place: { readonly host?: string; readonly port?: number } = {},
  ): Promise<Workshop> {
    const own = await mariadbFixture();
    const fixture = { ...own, instance: { ...own.instance, options, ...place } };
    const dba = await rootConnection(fixture.instance.database);
    const version = packageOfTasks(tasks(fixture.keyTables.owner));
    return new Workshop({ ...fixture, package: version }, dba);
  }

  /** Root's session in the schema of ODTM. */
  get dba(): Connection {
    return this.root;
  }

  /** After a server of the test's own was killed and started again. */
  async reconnect(): Promise<void> {
    this.root = await rootConnection(this.schema);
    this.restarted = true;
  }

  get app(): string {
    return this.fixture.keyTables.owner;
  }

  get schema(): string {
    return this.fixture.instance.database;
  }

  /** Statements of the framework's and the packages' schema, from a session of its own. */
  async holder(...statements: readonly string[]): Promise<() => Promise<void>> {
    const holder = await rootConnection(this.schema);
    this.holders.add(holder);
    for (const statement of statements) await holder.query(statement);
    return async () => {
      this.holders.delete(holder);
      await holder.end();
    };
  }

  /** The first columns of the rows of a query. */
  async column(sql: string, values: readonly unknown[] = []): Promise<unknown[]> {
    const rows: object[] = await this.dba.query(sql, [...values]);
    return rows.map((row) => Object.values(row)[0]);
  }

  /** The server's number of the session that executes a statement like that. */
  async sessionIn(statement: string, state = '%'): Promise<number> {
    const [id] = await waitFor(async () => {
      const ids = await this.column(
        `SELECT id FROM information_schema.processlist
         WHERE user = ? AND info LIKE ? AND NVL(state, '') LIKE ?`,
        [this.fixture.instance.user, statement, state],
      );
      return ids.length > 0 ? ids : null;
    });
    return Number(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const holder of this.holders) holder.destroy();
    await this.stand.close();
    await this.root.end();
    // The fixture's own sessions ended with the server, and its schemas go with it.
    if (!this.restarted) await this.fixture.drop();
  }
}
