import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import type { EventStore } from './event-store.ts';

const EXAMPLE = fileURLToPath(new URL('..', import.meta.url));
const INSTANCES = 'instances.yaml';
const OPERATION = 'operations/purge-events.yaml';

interface Instance {
  readonly name: string;
  readonly [key: string]: unknown;
}

interface PlacedObject {
  readonly name: string;
  readonly instances: readonly string[];
}

/** Copies the example's definitions and packages. */
export async function copyEventsProject(folder: string): Promise<void> {
  const isProject = (source: string) => !/\.ts$|\/(demo|app)$/.test(source);
  await cp(EXAMPLE, folder, { recursive: true, filter: isProject });
}

/** Writes where the regions are and who logs in, and leaves out those that are not there. */
export async function placeRegions(folder: string, stores: readonly EventStore[]): Promise<void> {
  const storeOf = (instance: string | undefined) =>
    stores.find((store) => store.instance === instance);
  await edit(join(folder, INSTANCES), (file: { instances: Instance[] }) => ({
    instances: file.instances.flatMap((instance) => {
      const store = storeOf(instance.name);
      if (store === undefined) return [];
      const { host, port, database, user } = store;
      const { address: _, ...rest } = instance;
      return [{ ...rest, host, port, database, user }];
    }),
  }));
  interface Operation {
    objects: PlacedObject[];
    parameters: { instance?: string }[];
  }
  await edit(join(folder, OPERATION), ({ operations }: { operations: Operation[] }) => ({
    operations: operations.map((operation) => ({
      ...operation,
      objects: operation.objects.flatMap((object) => {
        const store = storeOf(object.instances[0]);
        return store === undefined ? [] : [{ ...object, owner: store.owner }];
      }),
      parameters: operation.parameters.filter(
        ({ instance }) => instance === undefined || storeOf(instance) !== undefined,
      ),
    })),
  }));
}

async function edit<T>(file: string, change: (content: T) => unknown): Promise<void> {
  const content = parse(await readFile(file, 'utf8')) as T;
  await writeFile(file, stringify(change(content)));
}
