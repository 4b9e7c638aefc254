import { clientScript } from '../../control/client-script.ts';
import { ENGINES } from '../../core/engine.ts';
import { type CommandSpec, EXIT } from '../command.ts';

export const clientScriptCommand: CommandSpec = {
  name: 'client-script',
  summary: 'Print the script that a DBA runs once on an instance: user, schema, minimal grants',
  options: [
    { flags: '--engine <engine>', description: `one of ${ENGINES.join(', ')}` },
    {
      flags: '--user <name>',
      description:
        'the role or user that ODTM logs in as (default: odtm); on Oracle also its schema',
    },
    {
      flags: '--database <name>',
      description:
        'PostgreSQL: the database that operations work in; MariaDB: the schema of ODTM itself; ' +
        'Oracle: the service, or the pluggable database',
    },
    {
      flags: '--packages <names>',
      description:
        'PostgreSQL: create only these schemas, so that the role need not create any; ' +
        'on Oracle and MariaDB packages share the schema of ODTM, and this changes nothing',
    },
    {
      flags: '--owner <names>',
      description:
        'who owns the tables, separated by commas: PostgreSQL: roles, MariaDB: schemas, ' +
        'Oracle: users (without it: a template of grants for single tables)',
    },
  ],
  examples: [
    'odtm client-script --engine postgres --database shop --owner app > bootstrap.sql',
    'odtm client-script --engine postgres --database shop --packages purge_orders --owner app',
    'odtm client-script --engine mariadb --database odtm --owner app > bootstrap.sql',
    'odtm client-script --engine oracle --user odtm --database shop > bootstrap.sql',
  ],
  async run({ services, options, output }) {
    options.required('engine', `say one of ${ENGINES.join(', ')}`);
    const engine = options.choice('engine', ENGINES) ?? ENGINES[0];
    const script = await clientScript(services, engine, {
      user: options.text('user') ?? 'odtm',
      database: options.required('database', 'name the database of the instance'),
      packages: options.list('packages') ?? null,
      owners: options.list('owner') ?? [],
    });
    output.text(script.trimEnd());
    return EXIT.completed;
  },
};
