import { randomBytes } from 'node:crypto';
import type { Instance } from '../../../src/core/definitions/model.ts';
import { mariadbEngine } from '../../../src/targets/mariadb/engine.ts';
import { oracleEngine } from '../../../src/targets/oracle/engine.ts';
import { sourceUnits } from '../../../src/targets/plsql/source-units.ts';
import { createMariadbDatabase, dropUser, rootConnection } from '../../support/mariadb/database.ts';
import { createPackage } from '../../support/oracle-stand-in/sources.ts';
import { OracleStandIn } from '../../support/oracle-stand-in/stand-in.ts';
import type { ServerSettings } from '../../support/orawire/server.ts';
import type { TargetFixture } from './fixture.ts';
import {
  closeGate,
  makeAppTables,
  runScript,
  snapshot,
  someoneAtGate,
  written,
} from './mariadb-fixture.ts';
import { plsqlPackage } from './plsql-package.ts';

/** A fixture whose database is the stand-in; tests of the adapter itself look behind it. */
export interface StandInFixture extends TargetFixture {
  readonly standIn: OracleStandIn;
}

/** The unmodified driver against the stand-in: Oracle's wire, with MariaDB in its Oracle mode behind it. */
export async function oracleFixture(
  settings: Partial<ServerSettings> = {},
): Promise<StandInFixture> {
  const database = await createMariadbDatabase('target');
  const app = await createMariadbDatabase('app');
  const user = `odtm_${randomBytes(5).toString('hex')}`;
  const secret = randomBytes(12).toString('hex');
  const dba = await rootConnection();
  const owners = [app.name];
  const script = { user, database: database.name, packages: null, owners };
  await runScript(dba, mariadbEngine.clientScript(script));
  await dba.query(`ALTER USER '${user}'@'%' IDENTIFIED BY '${secret}' ACCOUNT UNLOCK`);
  await makeAppTables(dba, app.name);
  const standIn = await OracleStandIn.start({ database: database.name, user, secret, settings });
  return {
    standIn,
    engine: oracleEngine,
    instance: instanceOf(standIn, database.name, user),
    secret,
    ...plsqlPackage('oracle', app.name),
    divisionByZero: 'ORA-01476',
    // Oracle's stack names packages, and no routines within them.
    failsIn: `${user.toUpperCase()}.CONF`,
    keyTables: {
      owner: app.name,
      filled: 'keys',
      empty: 'no_keys',
      ownSql: 'SELECT 10, 19 FROM dual UNION ALL SELECT 20, 29 FROM dual ORDER BY 1; -- two chunks',
    },
    written: () => written(dba, database.name),
    closeGate: () => closeGate(app.name),
    someoneAtGate: () => someoneAtGate(dba, app.name),
    killUnitSessions: () => killUnitSessions(standIn),
    changeByHand: () => changeByHand(standIn),
    snapshot: () => snapshot(dba, database.name),
    drop: async () => {
      await standIn.stop();
      await dba.end();
      await database.drop();
      await app.drop();
      await dropUser(user);
    },
  };
}

function instanceOf(standIn: OracleStandIn, database: string, user: string): Instance {
  return {
    name: 'conf-1',
    engine: 'oracle',
    host: '127.0.0.1',
    port: standIn.server.port,
    database,
    user,
    credential: 'env:SECRET',
    options: {},
    environments: [],
    labels: {},
    enabled: true,
    maxStreams: 1,
  };
}

async function killUnitSessions(standIn: OracleStandIn): Promise<number> {
  const running = standIn.running(/\bdom\$run\.claim\(/);
  for (const backing of running) await standIn.kill(backing);
  return running.length;
}

async function changeByHand({ admin }: OracleStandIn): Promise<string> {
  const rows = await admin.query<{ text: string }>(
    `SELECT s.text FROM user_source s WHERE s.name = 'CONF' AND s.type = 'PACKAGE BODY' ORDER BY s.line`,
  );
  const source = rows.map(({ text }) => text).join('');
  const [unit] = sourceUnits(`CREATE OR REPLACE ${source.replace("''row''", "''by hand''")}`);
  if (unit === undefined) throw new Error('the package has no source');
  await createPackage(admin, unit);
  return 'package body conf';
}
