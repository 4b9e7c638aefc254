/** The database engines that an instance may run. The only place in the core that spells their names. */
export const ENGINES = ['postgres', 'oracle', 'mariadb'] as const;

export type Engine = (typeof ENGINES)[number];
