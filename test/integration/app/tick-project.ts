import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const CODE = `
CREATE PROCEDURE tick.iterator(p_handle text, p_owner text, p_object_name text) LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM tick.done WHERE handle = p_handle AND task = 'second') THEN
    CALL dom.operation_complete('ticked');
  END IF;
END $$;
CREATE PROCEDURE tick.initial(p_handle text) LANGUAGE sql AS $$ SELECT $$;
CREATE PROCEDURE tick.final(p_handle text, p_after_error char DEFAULT 'N') LANGUAGE sql AS $$ SELECT $$;
CREATE PROCEDURE tick.first(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle, format('INSERT INTO tick.done VALUES (%L, ''first'')', p_handle));
END $$;
CREATE PROCEDURE tick.second(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle, format('INSERT INTO tick.done VALUES (%L, ''second'')', p_handle));
  CALL dom.execute_immediate(p_handle, format('SELECT pg_sleep(%s)', dom.get_num_param(p_handle, 'pause')));
END $$;
`;

/** Two tasks: the first is done at once, the second takes `pauseS` seconds. */
export async function writeTickProject(
  folder: string,
  addresses: readonly string[],
  user: string,
  pauseS: number,
): Promise<void> {
  const instances = addresses.map(
    (address, index) =>
      `  - { name: db${index + 1}, engine: postgres, address: "${address}", user: ${user}, ` +
      'credential: "env:TICK_PASSWORD", environments: [TEST] }',
  );
  const files = {
    'environments.yaml': 'environments:\n  - { id: 1, code: TEST }\n',
    'instances.yaml': `instances:\n${instances.join('\n')}\n`,
    'operations/tick.yaml': `operations:
  - id: 1
    name: tick
    package: tick
    environments: [TEST]
    tasks: [{ name: first, order: 1 }, { name: second, order: 2 }]
    parameters: [{ name: pause, value: ${pauseS} }]
`,
    'packages/tick/postgres/state.sql':
      'CREATE TABLE IF NOT EXISTS tick.done (handle text, task text, at timestamptz DEFAULT now());\n',
    'packages/tick/postgres/tick.sql': CODE,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
