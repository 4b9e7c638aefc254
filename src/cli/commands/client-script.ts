import { clientScript } from '../../control/client-script.ts';
import { ENGINES } from '../../core/engine.ts';
import { type CommandSpec, EXIT } from '../command.ts';

export const clientScriptCommand: CommandSpec = {
  name: 'client-script',
  summary: 'Print the script that a DBA runs once on an instance: role, schema, minimal grants',
  options: [
    { flags: '--engine <engine>', description: `one of ${ENGINES.join(', ')}` },
    { flags: '--user <name>', description: 'the role to create (default: odtm)' },
    { flags: '--database <name>', description: 'the database that operations work in' },
    {
      flags: '--packages <names>',
      description: 'create only these schemas, so that the role need not create any',
    },
    { flags: '--owner <names>', description: 'roles that own the tables, separated by commas' },
  ],
  examples: [
    'odtm client-script --engine postgres --database shop --owner app > bootstrap.sql',
    'odtm client-script --engine postgres --database shop --packages purge_orders --owner app',
  ],
  async run({ services, options, output }) {
    options.required('engine', `say one of ${ENGINES.join(', ')}`);
    const engine = options.choice('engine', ENGINES) ?? ENGINES[0];
    const script = await clientScript(services, engine, {
      user: options.text('user') ?? 'odtm',
      database: options.required('database', 'name the database that operations work in'),
      packages: options.list('packages') ?? null,
      owners: options.list('owner') ?? [],
    });
    output.text(script.trimEnd());
    return EXIT.completed;
  },
};
