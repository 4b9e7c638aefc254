import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { projectReader } from '../../../src/definition-files/project-reader.ts';
import { openRepository } from '../../../src/repository/repository.ts';
import { superuserUrl } from '../../support/database.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  type Bank,
  type BankEngine,
  type BankLogin,
  newLogin,
  onPostgres,
  type PostgresBank,
  urlTo,
  withClient,
} from './bank.ts';
import { CutProxy } from './cut-proxy.ts';
import { type Ending, OdtmProcess } from './odtm-process.ts';

const TORTURE = fileURLToPath(new URL('torture', import.meta.url));
const RUN = ['run', 'torture', '--env', 'PROD', '--plain'];

export interface WorldRequest {
  /** Names of the target databases. */
  readonly banks?: readonly string[];
  /** Those of them that ODTM reaches through a proxy. */
  readonly proxied?: readonly string[];
  /** Whether ODTM reaches the repository through a proxy. */
  readonly repositoryProxied?: boolean;
  /** Superuser's URL of the server of all targets, where it is not the shared one. */
  readonly targetServer?: string;
  readonly repositoryServer?: string;
}

/** A repository, target databases, and real processes around them. */
export class World<B extends Bank = PostgresBank> implements AsyncDisposable {
  readonly banks: readonly B[];
  readonly repositoryProxy: CutProxy | null;
  readonly pool: pg.Pool;
  private readonly folder: TempDir;
  private readonly login: BankLogin;
  private readonly url: string;
  private readonly targetServer: string;
  private readonly engine: BankEngine<B>;
  private readonly processes: OdtmProcess[] = [];

  private constructor(
    request: WorldRequest,
    engine: BankEngine<B>,
    parts: {
      readonly banks: readonly B[];
      readonly proxy: CutProxy | null;
      readonly folder: TempDir;
      readonly login: BankLogin;
      readonly url: string;
    },
  ) {
    this.targetServer = request.targetServer ?? engine.serverUrl();
    this.engine = engine;
    this.banks = parts.banks;
    this.repositoryProxy = parts.proxy;
    this.folder = parts.folder;
    this.login = parts.login;
    this.url = parts.url;
    this.pool = new pg.Pool({ connectionString: parts.url, max: 3 });
    this.pool.on('error', () => undefined);
  }

  static create(request: WorldRequest = {}): Promise<World> {
    return World.on(onPostgres, request);
  }

  /** A world whose banks are on the engine. */
  static async on<B extends Bank>(
    engine: BankEngine<B>,
    request: WorldRequest = {},
  ): Promise<World<B>> {
    const { banks: names = ['bank_a', 'bank_b'], proxied = [] } = request;
    const login = newLogin();
    const serverUrl = request.targetServer ?? engine.serverUrl();
    const banks: B[] = [];
    for (const name of names) {
      banks.push(await engine.create({ name, serverUrl, login, proxied: proxied.includes(name) }));
    }
    const repositoryServer = request.repositoryServer ?? superuserUrl();
    const repository = login.user.replace('odtm', 'repository');
    await withClient(repositoryServer, (client) => client.query(`CREATE DATABASE ${repository}`));
    const url = urlTo(repositoryServer, repository);
    const proxy = request.repositoryProxied ? await CutProxy.to(url) : null;
    const folder = await tempDir();
    await cp(TORTURE, folder.path, { recursive: true });
    await writeFile(join(folder.path, 'instances.yaml'), instancesText(banks, login));
    await engine.adapt(folder.path, banks);
    const world = new World(request, engine, { banks, proxy, folder, login, url });
    await world.apply();
    return world;
  }

  bank(name: string): B {
    const found = this.banks.find((bank) => bank.name === name);
    if (found === undefined) throw new Error(`There is no bank ${name}.`);
    return found;
  }

  /** How a process ends; one that does not is reported with all that is known of what it does. */
  async ending(of: OdtmProcess, timeoutMs = 90_000): Promise<Ending> {
    const over = await waitFor(() => of.isOver, { timeoutMs, pollMs: 50 }).catch(() => false);
    if (over) return of.ended;
    throw new Error(`still there after ${timeoutMs} ms:\n${await this.account()}`);
  }

  private async account(): Promise<string> {
    const parts: unknown[] = this.processes.map(({ pid, notes, output }) => [pid, notes, output]);
    for (const bank of this.banks) parts.push(await bank.sessions());
    parts.push(await this.sql('SELECT * FROM odtm.stream'));
    return JSON.stringify(parts, null, 1);
  }

  /** Starts a command; `env` may name a fault. */
  odtm(args: readonly string[], env: Readonly<Record<string, string>> = {}): OdtmProcess {
    const url = new URL(this.url);
    if (this.repositoryProxy !== null) url.port = String(this.repositoryProxy.port);
    const started = new OdtmProcess(args, {
      ODTM_REPOSITORY: url.href,
      BANK_PASSWORD: this.login.password,
      ODTM_TESTING: '1',
      ...env,
    });
    this.processes.push(started);
    return started;
  }

  /** The process that was started last. */
  get newest(): OdtmProcess {
    const last = this.processes.at(-1);
    if (last === undefined) throw new Error('no process was started yet');
    return last;
  }

  /** Environment of a process that reaches the repository whatever becomes of the proxy. */
  pastTheProxy(): Record<string, string> {
    return { ODTM_REPOSITORY: this.url };
  }

  /** `odtm run`: drives the operation itself where no controller is alive. */
  run(env: Readonly<Record<string, string>> = {}, ...more: readonly string[]): OdtmProcess {
    return this.odtm([...RUN, ...more], env);
  }

  /** A long-lived controller that has signed on. */
  async controller(env: Readonly<Record<string, string>> = {}): Promise<OdtmProcess> {
    const controller = this.odtm(['controller'], env);
    await waitFor(() => controller.notes.includes('serves'), { timeoutMs: 90_000 });
    return controller;
  }

  /** Runs a command to its end. @throws Error when it fails */
  async text(...args: readonly string[]): Promise<string> {
    const { code, output, notes } = await this.odtm(args).ended;
    if (code === 0) return output;
    throw new Error(`odtm ${args.join(' ')} ended with ${code}: ${notes}`);
  }

  /** The same command again, as soon as the leases of a killed controller have expired. */
  async runAgain(...more: readonly string[]): Promise<Ending> {
    await this.leasesExpired();
    return this.run({}, ...more).ended;
  }

  /** No lease is alive, and neither is a controller by its beats. */
  async leasesExpired(): Promise<void> {
    await waitFor(
      async () => {
        const [row] = await this.sql<{ live: boolean }>(
          `SELECT EXISTS (SELECT FROM odtm.stream WHERE lease_until > now()) OR EXISTS (
             SELECT FROM odtm.controller WHERE last_beat_at > now() - interval '10 seconds') AS live`,
        );
        return row?.live === false;
      },
      { pollMs: 100, timeoutMs: 90_000 },
    );
  }

  async sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query(text, values)).rows as Row[];
  }

  /** Status of each stream of the newest run, by instance. */
  async statuses(): Promise<Record<string, string>> {
    const rows = await this.sql<{ instance: string; status: string }>(
      `SELECT instance, status FROM odtm.stream WHERE run_id = (SELECT max(id) FROM odtm.run)`,
    );
    return Object.fromEntries(rows.map(({ instance, status }) => [instance, status]));
  }

  /** Waits until every stream of the newest run has one of the statuses. */
  async settled(statuses: readonly string[], timeoutMs = 120_000): Promise<void> {
    const settled = async () => {
      const now = Object.values(await this.statuses());
      return now.length > 0 && now.every((status) => statuses.includes(status));
    };
    await waitFor(settled, { timeoutMs }).catch(async () => {
      throw new Error(`not ${statuses.join()}:\n${await this.account()}`);
    });
  }

  /** Changes a file of the project and applies it. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const path = join(this.folder.path, file);
    const text = await readFile(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not have: ${from}`);
    await writeFile(path, text.replaceAll(from, to));
    await this.apply();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    for (const running of this.processes) if (!running.isOver) await running.kill();
    await this.pool.end();
    await this.repositoryProxy?.close();
    for (const bank of this.banks) await bank.drop();
    await this.engine.dropLogin(this.targetServer, this.login);
    await withClient(urlTo(this.url, 'postgres'), (client) =>
      client.query(`DROP DATABASE ${new URL(this.url).pathname.slice(1)} WITH (FORCE)`),
    );
    await this.folder.remove();
  }

  private async apply(): Promise<void> {
    const repository = await openRepository({ url: this.url });
    try {
      await repository.migrate();
      const { revision } = await repository.definitions.load();
      const definitions = await projectReader.read(this.folder.path);
      await repository.definitions.replace(definitions, revision, 'test');
    } finally {
      await repository.close();
    }
  }
}

function instancesText(banks: readonly Bank[], login: BankLogin): string {
  const lines = banks.map(
    ({ name, place }) =>
      `  - { name: ${name}, engine: ${place.engine}, address: "${place.address}", user: ${login.user}, ` +
      'credential: env:BANK_PASSWORD, environments: [PROD] }',
  );
  return ['instances:', ...lines, ''].join('\n');
}
