import { join } from 'node:path';
import type { EmbeddedRepository, EmbeddedStatus } from '../cli/services.ts';
import { odtmError } from '../core/errors/catalogue.ts';
import { ensureDatabase } from '../repository/embedded/database.ts';
import { defaultDataDir } from '../repository/embedded/location.ts';
import { ensureServer, serverStatus, stopServer } from '../repository/embedded/supervisor.ts';
import {
  configurationOf,
  type Environment,
  type Flags,
  type RepositoryPlace,
} from './configuration.ts';

const DATABASE = 'odtm';

/** The server of the repository: its URL, and its address without a password for people. */
export interface RepositoryServer {
  readonly url: string;
  readonly address: string;
}

/** Finds the repository's server; the embedded one is adopted or started. @throws OdtmError */
export async function serverOf(place: RepositoryPlace): Promise<RepositoryServer> {
  if (place.kind === 'url') return { url: place.url, address: place.address };
  const server = await ensureServer({ dataDir: place.dataDir });
  return {
    url: await ensureDatabase(server.url, DATABASE),
    address: `${place.dataDir} (embedded, port ${server.port})`,
  };
}

/** Where a background controller of this repository writes its log. */
export function controllerLogOf(place: RepositoryPlace): string {
  const folder = place.kind === 'embedded' ? place.dataDir : defaultDataDir('controllers');
  return join(folder, 'controller.log');
}

/** The commands that start, stop and look at the embedded server. */
export function embeddedRepository(env: Environment, cwd: string): EmbeddedRepository {
  const dataDirOf = (flags: Flags, action: string): string => {
    const { repository } = configurationOf(flags, env, cwd);
    if (repository.kind === 'embedded') return repository.dataDir;
    throw odtmError('REPOSITORY_NOT_EMBEDDED', { address: repository.address, action });
  };
  return {
    start: async (flags) => {
      const dataDir = dataDirOf(flags, 'start');
      await serverOf({ kind: 'embedded', dataDir });
      return statusOf(dataDir);
    },
    stop: async (flags) => stopServer(dataDirOf(flags, 'stop')),
    status: async (flags) => statusOf(dataDirOf(flags, 'look at')),
  };
}

async function statusOf(dataDir: string): Promise<EmbeddedStatus> {
  const { running, port = null, pid = null, version = null } = await serverStatus(dataDir);
  return { dataDir, running, port, pid, version };
}
