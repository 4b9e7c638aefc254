import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureMariadb, type Machine, planInstall } from '../support/mariadb/install.ts';
import { skipNotice } from '../support/mariadb/shared.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

describe('what is done to get MariaDB', () => {
  const debian = { hasMariadb: false, isRoot: true, hasApt: true, hasSystemd: false };

  test('nothing where it is there, for whomever', () => {
    const ready = { kind: 'ready' };
    expect(planInstall({ ...debian, hasMariadb: true })).toEqual(ready);
    expect(planInstall({ ...debian, hasMariadb: true, isRoot: false })).toEqual(ready);
    expect(planInstall({ ...debian, hasMariadb: true, hasApt: false })).toEqual(ready);
  });

  test('root on Debian installs it, without its recommendations, and stops the service', () => {
    expect(planInstall(debian)).toEqual({
      kind: 'install',
      commands: [
        ['apt-get', 'update'],
        ['apt-get', 'install', '-y', '--no-install-recommends', 'mariadb-server'],
      ],
      stopService: ['service', 'mariadb', 'stop'],
    });
    expect(planInstall({ ...debian, hasSystemd: true })).toMatchObject({
      stopService: ['systemctl', 'disable', '--now', 'mariadb'],
    });
  });

  test('others are told why not', () => {
    expect(planInstall({ ...debian, isRoot: false })).toMatchObject({
      kind: 'impossible',
      reason: expect.stringContaining('only root can install it: apt-get install mariadb-server'),
    });
    expect(planInstall({ ...debian, hasApt: false })).toMatchObject({
      kind: 'impossible',
      reason: expect.stringContaining('no Debian'),
    });
  });

  test('a build server fails without MariaDB, a person may go on with the rest', () => {
    for (const ci of [undefined, 'false']) {
      expect(skipNotice('none here', ci)).toContain('ALL TESTS ON MARIADB ARE SKIPPED: none here');
    }
    expect(() => skipNotice('none here', 'true')).toThrow(/none here.*ODTM_TEST_MARIADB/);
  });
});

describe('an installation', () => {
  let dir: TempDir;
  let machine: Machine;
  let told: string[];

  beforeEach(async () => {
    dir = await tempDir();
    told = [];
    const bin = join(dir.path, 'bin');
    await mkdir(bin);
    const marks = { debianMark: dir.path, systemdMark: join(dir.path, 'no-systemd') };
    machine = {
      path: bin,
      serverFolders: [],
      isRoot: true,
      ...marks,
      policyFile: join(dir.path, 'policy-rc.d'),
      tell: (text) => told.push(text),
    };
    await program('apt-get', APT_GET);
    await program('service', `echo "service $*" >> ${log()}`);
  });

  afterEach(() => dir.remove());

  const log = () => join(dir.path, 'log');
  const said = async () => (await readFile(log(), 'utf8')).trim().split('\n');

  async function program(name: string, text: string): Promise<void> {
    const file = join(dir.path, 'bin', name);
    await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\nroot=${dir.path}\n${text}\n`);
    await chmod(file, 0o755);
  }

  /** Brings programs that say they are MariaDB, as the package does, and notes what it saw. */
  const APT_GET = `
echo "$1 $DEBIAN_FRONTEND $(sh $root/policy-rc.d; echo $?)" >> $root/log
[ "$1" = install ] || exit 0
for name in mariadbd mariadb-install-db; do
  printf '#!/bin/sh\\necho MariaDB\\n' > $root/bin/$name
  chmod 755 $root/bin/$name
done`;

  test('it asks nothing, starts no service, and takes its own policy away', async () => {
    const bin = join(dir.path, 'bin');
    expect(await ensureMariadb(machine)).toEqual({
      server: join(bin, 'mariadbd'),
      installer: join(bin, 'mariadb-install-db'),
    });
    expect(await said()).toEqual([
      'update noninteractive 101',
      'install noninteractive 101',
      'service mariadb stop',
    ]);
    await expect(access(machine.policyFile)).rejects.toThrow('ENOENT');
  });

  test('processes that want it at the same time install it once', async () => {
    const [one, two] = await Promise.all([ensureMariadb(machine), ensureMariadb(machine)]);
    expect(one).toEqual(two);
    expect((await said()).filter((line) => line.startsWith('install'))).toHaveLength(1);
  });

  test('the policy of the machine stays as it is', async () => {
    await writeFile(machine.policyFile, 'exit 7\n');
    await ensureMariadb(machine);
    expect(await said()).toContain('install noninteractive 7');
    expect(await readFile(machine.policyFile, 'utf8')).toBe('exit 7\n');
  });

  test('the policy that a killed installation left is taken away', async () => {
    await program('apt-get', `cp $root/policy-rc.d $root/left; ${APT_GET}`);
    await ensureMariadb(machine);
    const left = await readFile(join(dir.path, 'left'), 'utf8');
    await program('mariadbd', 'echo nothing we know');
    await program('apt-get', APT_GET);
    await writeFile(machine.policyFile, left);
    await ensureMariadb(machine);
    await expect(access(machine.policyFile)).rejects.toThrow('ENOENT');
  });

  test('a failure names the command and what it said, and takes the policy away as well', async () => {
    await program('apt-get', 'echo "no network" >&2; exit 100');
    await expect(ensureMariadb(machine)).rejects.toThrow('"apt-get update" failed with code 100');
    expect(told.at(-1)).toContain('no network');
    await expect(access(machine.policyFile)).rejects.toThrow('ENOENT');
  });

  test('a package without the programs is told apart from one that is missing', async () => {
    await program('apt-get', 'true');
    await expect(ensureMariadb(machine)).rejects.toThrow('mariadb-server was installed, but');
  });

  test('MySQL is not taken for MariaDB, and who is not root gets the reason', async () => {
    await program('mysqld', 'echo "mysqld  Ver 8.4 for Linux"');
    await program('mariadb-install-db', 'true');
    expect(await ensureMariadb({ ...machine, isRoot: false })).toMatchObject({
      reason: expect.stringContaining('only root'),
    });
  });
});
