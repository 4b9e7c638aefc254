/** The database engines that an instance may run. The only place in the core that spells their names. */
export const ENGINES = ['postgres', 'oracle', 'mariadb'] as const;

export type Engine = (typeof ENGINES)[number];

/** The TCP port that a server of the engine listens on where nobody has said otherwise. */
export const DEFAULT_PORTS: Readonly<Record<Engine, number>> = {
  postgres: 5432,
  oracle: 1521,
  mariadb: 3306,
};
