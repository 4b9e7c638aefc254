/** The database engines that an instance may run. The only place in the core that spells their names. */
export const ENGINES = ['postgres', 'oracle', 'mariadb'] as const;

export type Engine = (typeof ENGINES)[number];

/** The TCP port that a server of the engine listens on where nobody has said otherwise. */
export const DEFAULT_PORTS: Readonly<Record<Engine, number>> = {
  postgres: 5432,
  oracle: 1521,
  mariadb: 3306,
};

/** How the files of a package's code end, for each engine. */
export const SOURCE_ENDINGS: Readonly<Record<Engine, readonly string[]>> = {
  postgres: ['sql'],
  oracle: ['sql', 'pks', 'pkb'],
  mariadb: ['sql', 'pks', 'pkb'],
};

/** Folders of a package that hold one source for several engines. */
export const SHARED_SOURCES: Readonly<Record<string, readonly Engine[]>> = {
  plsql: ['oracle', 'mariadb'],
};
